import Foundation
import Support
import Testing

@testable import Reports

struct AxisTests {
    /// 1, 2 or 5 times a power of ten.
    private func isRoundStep(_ value: Double) -> Bool {
        let mantissa = value / pow(10, (log10(value) + 1e-9).rounded(.down))
        return [1, 2, 5].contains { abs(mantissa - $0) < 1e-6 }
    }

    private func ranges(positive: Bool) -> [(Double, Double)] {
        var generator = SeededGenerator(seed: 11)
        return (0..<400).map { _ in
            let size = pow(10, Double.random(in: -12...12, using: &generator))
            let start =
                positive
                ? 0.001 + Double.random(in: 0...10, using: &generator) : Double.random(in: -9...9, using: &generator)
            return (start * size, (start + Double.random(in: 0.001...10, using: &generator)) * size)
        }
    }

    @Test func linearTicksAreEvenRoundAndCoverTheRange() throws {
        for (lower, upper) in ranges(positive: false) {
            for count in [2, 5, 9] {
                let ticks = Ticks.linear(from: lower, to: upper, count: count, isCovering: true)
                let (first, last) = (try #require(ticks.first), try #require(ticks.last))
                let step = (last - first) / Double(ticks.count - 1)
                #expect(ticks.count >= 2 && ticks.count <= 3 * count + 2)
                #expect(isRoundStep(step), "\(step)")
                #expect(first <= lower + step * 1e-6 && last >= upper - step * 1e-6)
                #expect(first > lower - step * 1.001 && last < upper + step * 1.001)
                for (index, tick) in ticks.enumerated() {
                    #expect(abs(tick / step - (tick / step).rounded()) < 1e-5)
                    #expect(abs(tick - first - Double(index) * step) < step * 1e-6)
                }
            }
        }
    }

    @Test func ticksBetweenTheEndsLeaveNoWholeStepOut() {
        for (lower, upper) in ranges(positive: false) {
            let ticks = Ticks.linear(from: lower, to: upper, count: 6, isCovering: false)
            guard let first = ticks.first, let last = ticks.last, ticks.count > 1 else {
                Issue.record("no ticks from \(lower) to \(upper)")
                continue
            }
            let step = ticks[1] - ticks[0]
            #expect(first >= lower - step * 1e-6 && last <= upper + step * 1e-6)
            #expect(first - step < lower && last + step > upper)
        }
    }

    @Test func ticksAreExactlyTheNumbersTheyLookLike() {
        #expect(Ticks.linear(from: 0, to: 1, count: 5, isCovering: true) == [0, 0.2, 0.4, 0.6, 0.8, 1])
        #expect(Ticks.linear(from: -0.3, to: 0.3, count: 6, isCovering: true) == [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3])
        #expect(Ticks.linear(from: 3, to: 97, count: 5, isCovering: true) == [0, 20, 40, 60, 80, 100])
    }

    @Test func logarithmicTicksCoverTheRange() throws {
        for (lower, upper) in ranges(positive: true) {
            for stretch in [1.0, 30, 1e6] {
                let ticks = Ticks.logarithmic(from: lower, to: upper * stretch, count: 5, isCovering: true)
                let (first, last) = (try #require(ticks.first), try #require(ticks.last))
                #expect(ticks == ticks.sorted() && first > 0)
                #expect(last >= upper * stretch * (1 - 1e-6))
                // Near to zero, there is no round positive multiple of the step below.
                #expect(first <= lower * (1 + 1e-6) || upper / lower < 3)
                if upper * stretch / lower >= 3 { for tick in ticks { #expect(isRoundStep(tick)) } }
                #expect(ticks.count <= 12)
            }
        }
        #expect(Ticks.logarithmic(from: 1, to: 1000, count: 5, isCovering: true) == [1, 10, 100, 1000])
        #expect(Ticks.logarithmic(from: 3, to: 40, count: 5, isCovering: true) == [2, 5, 10, 20, 50])
    }

    @Test func rangesThatCannotBeDividedHaveNoTicks() {
        let bad: [(Double, Double)] = [
            (1, 1), (2, 1), (.nan, 1), (0, .nan), (0, .infinity), (-.infinity, 0), (1, 1 + 1e-16), (-1.7e308, 1.7e308),
            (1e16, 1e16 + 2), (0, .leastNonzeroMagnitude),
        ]
        for (lower, upper) in bad {
            #expect(Ticks.linear(from: lower, to: upper, count: 5, isCovering: true).isEmpty)
            #expect(Ticks.logarithmic(from: lower, to: upper, count: 5, isCovering: true).isEmpty)
        }
        #expect(Ticks.logarithmic(from: 0, to: 1, count: 5, isCovering: true).isEmpty)
        #expect(Ticks.logarithmic(from: -1, to: 1, count: 5, isCovering: true).isEmpty)
    }

    @Test(arguments: [Scale.Kind.linear, .logarithmic]) func scalesInvert(_ kind: Scale.Kind) {
        for (lower, upper) in ranges(positive: true) {
            let scale = Scale(kind, from: lower, to: upper, start: 300, end: 20)
            #expect(abs(scale.position(of: lower) - 300) < 1e-6 && abs(scale.position(of: upper) - 20) < 1e-6)
            for share in [0.0, 0.1, 0.5, 0.93, 1] {
                let value = lower + share * (upper - lower)
                #expect(abs(scale.value(at: scale.position(of: value)) - value) <= 1e-9 * upper)
            }
            #expect(scale.position(of: lower) > scale.position(of: (lower + upper) / 2))
        }
    }

    @Test func scalesOfNoRangeAreUsable() {
        for (lower, upper) in [(Double.nan, 1.0), (1, 1), (2, 1), (0, .infinity)] {
            let scale = Scale(.linear, from: lower, to: upper, start: 0, end: 10)
            #expect(scale.position(of: 0.5) == 5)
        }
        #expect(abs(Scale(.logarithmic, from: 0, to: 5, start: 0, end: 10).position(of: 10) - 10) < 1e-9)
    }

    @Test func anAxisHoldsItsValuesAndItsLimits() {
        let accuracy = Axis("accuracy", format: .percent, limits: 0...1)
        for values in [[0.97, 0.999], [0.001, 0.002], [1], [0], [0.5], [0, 1]] {
            let division = accuracy.division(of: values, start: 100, end: 0, count: 4)
            #expect(division.scale.lower >= 0 && division.scale.upper <= 1)
            for value in values { #expect((0...100.0001).contains(division.scale.position(of: value) + 1e-9)) }
            #expect(division.ticks.count >= 2 && division.ticks.count == division.texts.count)
            for tick in division.ticks { #expect((-1e-6...100.0001).contains(division.scale.position(of: tick))) }
        }
        for kind in [Scale.Kind.linear, .logarithmic] {
            for values in [
                [], [.nan, .infinity], [-1, -2], [3], [.leastNonzeroMagnitude], [0, .leastNonzeroMagnitude],
                [1e300, -1e300], [1e300, 1e-300],
            ]
                as [[Double]]
            {
                let division = Axis("x", kind: kind).division(of: values, start: 0, end: 100, count: 4)
                #expect(division.scale.lower < division.scale.upper)
                for value in values where Scale.isDrawable(value, kind) {
                    #expect((-1e-6...100.0001).contains(division.scale.position(of: value)))
                }
            }
        }
    }

    @Test func anAxisIncludesWhatItIsToldAndEndsWithTheDataIfNotRounded() {
        let axis = Axis("epoch", including: 0, isRounded: false)
        let division = axis.division(of: [0.2, 7.3], start: 0, end: 100, count: 4)
        #expect(division.scale.lower == 0 && division.scale.upper == 7.3)
        #expect(division.ticks == [0, 2, 4, 6])
    }
}
