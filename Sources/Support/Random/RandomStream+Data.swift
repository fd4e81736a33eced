extension RandomStream {
    /// Which digits of a table are for the test.
    public static let digitTest: UInt64 = 0xD161
    /// Which emoji are for the test.
    public static let emojiTest: UInt64 = 0xE0701
    /// The side of a split on which a face lies, by a hash of its name.
    public static let faceSplit: UInt64 = 0x6661_6365
    /// Which faces are for validation.
    public static let faceValidation: UInt64 = 0xFACE
    /// In which part of a cross-validation an image is tested.
    public static let fold: UInt64 = 0xF01D
    /// The noise of an image of `NoiseImages`.
    public static let noiseImage: UInt64 = 0x9015E
    /// Which photographs of stamps are for the test.
    public static let photoStampTest: UInt64 = 0x57A3
    /// Which samples a fraction of a data set takes.
    public static let subset: UInt64 = 0x7375_6273_6574
    /// The colours, noise and light of a camera of rendered pedestrians.
    public static let syntheticCamera: UInt64 = 101
    /// A rendered face.
    public static let syntheticFace: UInt64 = 202
    /// The ages, genders and tones of a set of rendered faces.
    public static let syntheticFaceSet: UInt64 = 201
    /// The clothes, hair and build of a rendered pedestrian.
    public static let syntheticPedestrian: UInt64 = 102
    /// A rendered picture of a pedestrian.
    public static let syntheticPedestrianPhoto: UInt64 = 103
    /// Which rendered pedestrian is seen when by which camera.
    public static let syntheticPedestrianPlan: UInt64 = 104
    /// A rendered scene of cut-outs.
    public static let syntheticScene: UInt64 = 301
    /// The colours and light of a rendered city.
    public static let syntheticCity: UInt64 = 302
    /// A rendered street.
    public static let syntheticStreet: UInt64 = 303
    /// Which images of a target without a test part are for the test.
    public static let targetTest: UInt64 = 0x7E57
    /// Which images of a target are for validation.
    public static let targetValidation: UInt64 = 0x7A26
}
