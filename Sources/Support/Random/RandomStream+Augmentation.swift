extension RandomStream {
    /// The choices of the augmentation of one view of a sample; the epoch, the sample and the view follow as coordinates.
    public static let augmentation: UInt64 = 0x7669_6577
    /// The order of the samples in an epoch; the epoch follows as a coordinate.
    public static let sampleOrder: UInt64 = 0x6f72_6465_72
}
