import Testing

@testable import Experiments

@Suite struct ProgressTests {
    private let state = ProgressState(
        phase: "train", epoch: 3, epochs: 30, step: 1234, steps: 9000, loss: 1.2345, accuracy: 0.7123, imagesPerStep: 64
    )

    @Test func aLineTellsEverythingItKnows() {
        #expect(
            ProgressLine.render(state, stepsPerSecond: 18.75)
                == "train  epoch 3/30  step 1234/9000 (13%)  loss 1.234  accuracy 71.2%  1.2 k images/s  6m54s left")
        #expect(
            ProgressLine.render(state, stepsPerSecond: nil)
                == "train  epoch 3/30  step 1234/9000 (13%)  loss 1.234  accuracy 71.2%")
        #expect(ProgressLine.render(.init(phase: "scan", step: 5), stepsPerSecond: 2) == "scan  step 5")
        #expect(
            ProgressLine.render(.init(phase: "scan", step: 9, steps: 0), stepsPerSecond: 2)
                == "scan  step 9/0  0.0s left")
    }

    @Test func aNarrowLineGivesUpTheLeastImportantFirst() {
        #expect(
            ProgressLine.render(state, stepsPerSecond: 18.75, width: 70)
                == "train  epoch 3/30  step 1234/9000 (13%)  loss 1.234  6m54s left")
        #expect(
            ProgressLine.render(state, stepsPerSecond: 18.75, width: 45) == "train  step 1234/9000 (13%)  6m54s left")
        #expect(ProgressLine.render(state, stepsPerSecond: 18.75, width: 10) == "step 1234…")
    }

    @Test func noLineIsWiderThanItsWidth() {
        var wide = state
        wide.phase = "訓練🐈"
        for width in 0...120 {
            for state in [state, wide] {
                #expect(TextWidth.of(ProgressLine.render(state, stepsPerSecond: 3, width: width)) <= width)
            }
        }
        #expect(TextWidth.of("訓練🐈a") == 7)
        #expect(TextWidth.truncate("訓練", to: 3) == "訓…")
    }

    @Test(arguments: [
        (0, "0.0s"), (0.44, "0.4s"), (9.94, "9.9s"), (9.96, "10s"), (59.4, "59s"), (59.6, "1m00s"), (252, "4m12s"),
        (3599.7, "1h00m"), (3780, "1h03m"), (86_399.9, "1d00h"), (187_200, "2d04h"), (-1, "?"), (.nan, "?"),
        (.infinity, "?"), (1e300, "years"),
    ])
    func durations(seconds: Double, text: String) {
        #expect(Quantity.duration(seconds) == text)
    }

    @Test(arguments: [
        (0, "0"), (0.25, "0.25"), (9.5, "9.50"), (12, "12"), (12.34, "12.3"), (99.96, "100"), (950, "950"),
        (999.4, "999"), (999.6, "1.0 k"), (1234, "1.2 k"), (34_000, "34 k"), (999_600, "1.0 M"), (-1500, "-1.5 k"),
        (2e15, "2000 T"), (.nan, "?"),
    ])
    func counts(value: Double, text: String) {
        #expect(Quantity.count(value) == text)
        #expect(Quantity.rate(value) == text + "/s")
    }

    @Test func aSteadyRateIsFoundExactly() throws {
        var rate = RateEstimator()
        #expect(rate.stepsPerSecond == nil)
        for step in 0...200 { rate.report(step: step, at: Double(step) / 4) }
        #expect(abs(try #require(rate.stepsPerSecond) - 4) < 1e-9)
    }

    @Test func oneStallOrOneBurstMovesTheRateLittle() throws {
        var rate = RateEstimator()
        var time = 0.0
        for step in 0...60 {
            time += step == 20 ? 300 : step == 40 ? 0.26 : 0.5
            rate.report(step: step, at: time)
        }
        #expect(abs(try #require(rate.stepsPerSecond) - 2) < 0.05)
    }

    @Test func theRateFollowsALastingChange() throws {
        var rate = RateEstimator()
        for step in 0...100 { rate.report(step: step, at: Double(step)) }
        for step in 1...64 { rate.report(step: 100 + step, at: 100 + Double(step) * 3) }
        #expect(abs(try #require(rate.stepsPerSecond) - 1 / 3) < 1e-9)
    }

    @Test func stepsBeforeAResumeAreNotCounted() throws {
        var rate = RateEstimator()
        rate.report(step: 50_000, at: 1000)
        rate.report(step: 50_010, at: 1005)
        #expect(rate.stepsPerSecond == 2)
        rate.report(step: 3, at: 1006)
        #expect(rate.stepsPerSecond == nil)
    }

    @Test func timeInAPauseIsNotCounted() {
        var rate = RateEstimator()
        rate.report(step: 0, at: 0)
        rate.report(step: 10, at: 1)
        rate.pause()
        rate.report(step: 10, at: 500)
        rate.report(step: 20, at: 501)
        #expect(rate.stepsPerSecond == 10)
    }

    @Test func whatATerminalObeysIsEscaped() throws {
        let screen = Screen(columns: 80)
        let reporter = ProgressReporter(output: screen)
        reporter.print("bad image \u{1B}]0;title\u{7}")
        reporter.update(ProgressState(phase: "row\u{1B}[2J", step: 1, steps: 2))
        reporter.finish()
        let text = screen.writes.joined()
        // The line's own return and erasure are all that is left.
        #expect(text.components(separatedBy: "\u{1B}").dropFirst().allSatisfy { $0.hasPrefix("[K") })
        #expect(text.contains(#"bad image \u{1B}]0;title\u{7}"#) && text.contains(#"row\u{1B}[2J"#))
    }

    private final class Screen: ProgressOutput {
        var columns: Int?
        var writes: [String] = []
        init(columns: Int?) { self.columns = columns }
        func write(_ text: String) { writes.append(text) }
    }

    private final class Clock {
        var time = 100.0
    }

    private func run(_ screen: Screen, steps: Int, each seconds: Double) -> ProgressReporter {
        let clock = Clock()
        let reporter = ProgressReporter(output: screen, lineInterval: 30) { clock.time }
        for step in 0...steps {
            reporter.update(.init(phase: "train", step: step, steps: steps))
            clock.time += seconds
        }
        return reporter
    }

    @Test func aTerminalIsRedrawnAtMostTenTimesASecond() {
        let screen = Screen(columns: 30)
        let reporter = run(screen, steps: 1000, each: 0.01)
        #expect((90...101).contains(screen.writes.count))
        #expect(screen.writes.allSatisfy { $0.hasPrefix("\r") && $0.hasSuffix("\u{1B}[K") && !$0.contains("\n") })
        reporter.print("note")
        #expect(screen.writes.dropLast().last == "\r\u{1B}[Knote\n")
        reporter.finish()
        #expect(screen.writes.dropLast().last == "\r" + "train  step 1000/1000 (100%)" + "\u{1B}[K")
        #expect(screen.writes.last == "\n")
    }

    @Test func aLogGetsPlainLinesAtIntervals() {
        let screen = Screen(columns: nil)
        let reporter = run(screen, steps: 120, each: 1)
        reporter.print("note")
        reporter.finish()
        reporter.finish()
        #expect(
            screen.writes == [
                "train  step 0/120 (0%)\n", "train  step 30/120 (25%)  1m30s left\n",
                "train  step 60/120 (50%)  1m00s left\n", "train  step 90/120 (75%)  30s left\n",
                "train  step 120/120 (100%)  0.0s left\n", "note\n",
            ])
    }
}
