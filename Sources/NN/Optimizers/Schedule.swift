import Foundation

/// A learning rate as a function of progress: a factor on the base rate at each tick, a step or an epoch.
///
/// Pure values: a run that continues asks for the factor at its tick and needs no state.
public indirect enum Schedule: Sendable, Equatable {
    /// A factor of 1 throughout.
    case constant
    /// A factor from 1 down to `floor` over `ticks` along half a cosine (Loshchilov and Hutter, 2017, equation 5), and
    /// `floor` from then on.
    case cosine(ticks: Int, floor: Double)
    /// A factor from 1 down to 0 over `ticks`: (1 - progress) to a power, 0.9 in most work on segmentation (Chen et al.,
    /// "DeepLab", 2016).
    case polynomial(ticks: Int, power: Double)
    /// Multiplied by `factor` every `ticks`.
    case step(ticks: Int, factor: Double)
    /// Multiplied by `factor` at each of the milestones.
    case milestones([Int], factor: Double)
    /// A linear warm-up from `start` to 1 over `ticks`, then another schedule, counted from there.
    case warmUp(ticks: Int, start: Double, then: Schedule)

    /// The factor at a tick, counted from 0. Fractions are allowed: a cosine per step is one per epoch at step / steps.
    public func factor(_ tick: Double) -> Double {
        switch self {
        case .constant: return 1
        case .cosine(let ticks, let floor):
            guard ticks > 0 else { return floor }
            let progress = min(max(tick / Double(ticks), 0), 1)
            return floor + (1 - floor) * (1 + cos(.pi * progress)) / 2
        case .polynomial(let ticks, let power):
            guard ticks > 0 else { return 0 }
            return pow(1 - min(max(tick / Double(ticks), 0), 1), power)
        case .step(let ticks, let factor):
            return ticks > 0 ? pow(factor, (tick / Double(ticks)).rounded(.down)) : 1
        case .milestones(let milestones, let factor):
            return pow(factor, Double(milestones.filter { Double($0) <= tick }.count))
        case .warmUp(let ticks, let start, let then):
            guard tick < Double(ticks) else { return then.factor(tick - Double(ticks)) }
            return start + (1 - start) * tick / Double(ticks)
        }
    }
}
