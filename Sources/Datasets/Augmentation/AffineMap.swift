import Foundation

/// Where each pixel of an affinely transformed image comes from.
///
/// The output at (x, y) shows the input at (`xx` x + `xy` y + `x0`, `yx` x + `yy` y + `y0`). Both are in pixels from
/// the image's centre, x to the right and y down. This is the *inverse* of the map that moves the image.
public struct AffineMap: Sendable, Hashable, Codable {
    /// How to read between pixels.
    public enum Interpolation: String, Sendable, Codable, CaseIterable {
        case nearest, bilinear
    }

    public var xx, xy, x0: Double
    public var yx, yy, y0: Double
    /// How to read the input between its pixels.
    public var interpolation: Interpolation
    /// What lies outside the image, in 0...1.
    public var fill: Double

    /// The map with these coefficients of the inverse, taken as they are.
    public init(
        xx: Double, xy: Double, x0: Double, yx: Double, yy: Double, y0: Double,
        interpolation: Interpolation = .nearest, fill: Double = 0
    ) {
        (self.xx, self.xy, self.x0) = (xx, xy, x0)
        (self.yx, self.yy, self.y0) = (yx, yy, y0)
        self.interpolation = interpolation
        self.fill = fill
    }

    /// Shears by `shear`, rotates clockwise by `angle` and scales about `center`, then moves by `translation`:
    /// torchvision's `affine`.
    ///
    /// - Parameters:
    ///   - angle: in degrees.
    ///   - translation: in pixels, to the right and down.
    ///   - scale: not 0.
    ///   - shear: in degrees along x and y, less than 90.
    ///   - center: in pixels from the image's centre.
    ///   - interpolation: how to read between pixels.
    ///   - fill: what lies outside the image, in 0...1.
    public init(
        angle: Double = 0, translation: (x: Double, y: Double) = (0, 0), scale: Double = 1,
        shear: (x: Double, y: Double) = (0, 0), center: (x: Double, y: Double) = (0, 0),
        interpolation: Interpolation = .nearest, fill: Double = 0
    ) {
        let radians = Double.pi / 180
        let (rotation, shearX, shearY) = (angle * radians, shear.x * radians, shear.y * radians)
        // The forward map is T C R Sy Sx C^-1; these are R Sy Sx.
        let a = cos(rotation - shearY) / cos(shearY)
        let b = -cos(rotation - shearY) * tan(shearX) / cos(shearY) - sin(rotation)
        let c = sin(rotation - shearY) / cos(shearY)
        let d = -sin(rotation - shearY) * tan(shearX) / cos(shearY) + cos(rotation)
        // Its determinant is 1 before scaling, so the inverse needs no division but by the scale.
        let (xx, xy, yx, yy) = (d / scale, -b / scale, -c / scale, a / scale)
        let (moveX, moveY) = (center.x + translation.x, center.y + translation.y)
        self.init(
            xx: xx, xy: xy, x0: center.x - xx * moveX - xy * moveY,
            yx: yx, yy: yy, y0: center.y - yx * moveX - yy * moveY,
            interpolation: interpolation, fill: fill)
    }

    var isFinite: Bool {
        [xx, xy, x0, yx, yy, y0, fill].allSatisfy { Float($0).isFinite }
    }
}
