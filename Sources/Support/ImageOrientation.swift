/// What is done about the orientation that the EXIF of an image's file may state: phones and cameras store pictures as the
/// sensor saw them, and state beside them how they were held.
public enum ImageOrientation: String, Sendable, Codable, CaseIterable {
    /// The image is turned and mirrored as its EXIF says, and so is as a person sees it. Damaged EXIF says nothing.
    case exif
    /// The image stays as it is stored, as torchvision reads it. Networks whose files do not state an orientation learned so.
    case ignore
}
