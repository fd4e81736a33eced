import Foundation
import Support

/// The 14 operations that RandAugment and TrivialAugment draw from, with the magnitudes of torchvision's tables.
enum RandomOperation: String, CaseIterable {
    case identity, shearX, shearY, translateX, translateY, rotate, brightness, color, contrast, sharpness
    case posterize, solarize, autoContrast, equalize

    /// The table that magnitudes are taken from.
    enum Space {
        /// The table of RandAugment (Cubuk et al., 2019).
        case randAugment
        /// The "wide" table of TrivialAugment (Müller and Hutter, 2021).
        case trivialAugmentWide
    }

    /// The number of steps of a magnitude, from none (0) to the largest.
    static let bins = 31

    /// Whether the magnitude's sign is drawn too.
    var isSigned: Bool {
        switch self {
        case .shearX, .shearY, .translateX, .translateY, .rotate, .brightness, .color, .contrast, .sharpness: true
        case .identity, .posterize, .solarize, .autoContrast, .equalize: false
        }
    }

    /// The magnitude at `bin`: a slope for shears, pixels for translations, degrees for rotations, a factor's distance
    /// from 1 for colours, bits to keep for posterising, a threshold in 0...1 for solarising; 0 for the others.
    func magnitude(_ space: Space, bin: Int, width: Int, height: Int) -> Double {
        let part = Double(bin) / Double(Self.bins - 1)
        let wide = space == .trivialAugmentWide
        switch self {
        case .identity, .autoContrast, .equalize: return 0
        case .shearX, .shearY: return part * (wide ? 0.99 : 0.3)
        case .translateX: return part * (wide ? 32 : 150.0 / 331 * Double(width))
        case .translateY: return part * (wide ? 32 : 150.0 / 331 * Double(height))
        case .rotate: return part * (wide ? 135 : 30)
        case .brightness, .color, .contrast, .sharpness: return part * (wide ? 0.99 : 0.9)
        case .posterize: return (8 - part * (wide ? 6 : 4)).rounded(.toNearestOrEven)
        case .solarize: return 1 - part
        }
    }

    /// The step with this magnitude on an image of that size; nil for the identity.
    func applied(_ magnitude: Double, width: Int, height: Int) -> AppliedTransform? {
        let slope = atan(magnitude) * 180 / .pi
        // Translations are by whole pixels, rounded towards none.
        let pixels = magnitude.rounded(.towardZero)
        // Shears keep the top left corner where it is.
        let corner = (-Double(width) / 2, -Double(height) / 2)
        switch self {
        case .identity: return nil
        case .shearX: return .affine(AffineMap(shear: (slope, 0), center: corner))
        case .shearY: return .affine(AffineMap(shear: (0, slope), center: corner))
        case .translateX: return .affine(AffineMap(translation: (pixels, 0)))
        case .translateY: return .affine(AffineMap(translation: (0, pixels)))
        // Angles are counter-clockwise, as in torchvision's `rotate`.
        case .rotate: return .affine(AffineMap(angle: -magnitude))
        case .brightness: return .brightness(1 + magnitude)
        case .color: return .saturation(1 + magnitude)
        case .contrast: return .contrast(1 + magnitude)
        case .sharpness: return .sharpness(1 + magnitude)
        case .posterize: return .posterize(bits: Int(magnitude))
        case .solarize: return .solarize(threshold: magnitude)
        case .autoContrast: return .autocontrast
        case .equalize: return .equalize
        }
    }

    /// The step at `bin` on an image of that size, with its sign drawn; nil for the identity.
    func sample(
        _ space: Space, bin: Int, width: Int, height: Int, using generator: inout SeededGenerator
    ) -> AppliedTransform? {
        let size = magnitude(space, bin: bin, width: width, height: height)
        let signed = isSigned && generator.chance(0.5) ? -size : size
        return applied(signed, width: width, height: height)
    }
}
