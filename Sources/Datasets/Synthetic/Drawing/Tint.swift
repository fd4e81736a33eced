/// A colour as three intensities, 0 to 1, in the code values of the picture (sRGB). Beyond 1 it is cut when the picture
/// is taken.
struct Tint: Sendable, Hashable {
    var red: Float
    var green: Float
    var blue: Float

    init(_ red: Float, _ green: Float, _ blue: Float) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// From six hexadecimal digits, as in `0x336699`.
    init(_ hex: UInt32) {
        self.init(Float(hex >> 16 & 255) / 255, Float(hex >> 8 & 255) / 255, Float(hex & 255) / 255)
    }

    /// Brighter or darker by a factor.
    func lit(_ factor: Float) -> Tint {
        Tint(red * factor, green * factor, blue * factor)
    }

    /// A part of the way, 0 to 1, to another colour.
    func mixed(_ other: Tint, _ part: Float) -> Tint {
        Tint(red + (other.red - red) * part, green + (other.green - green) * part, blue + (other.blue - blue) * part)
    }

    /// As bright as the ITU-R 601 weights say.
    var luma: Float { 0.299 * red + 0.587 * green + 0.114 * blue }
}
