import GoldenCases
import NN
import Testing

@Suite struct ScheduleTests {
    @Test func aCosineFallsFromOneToItsFloorAndStays() {
        let schedule = Schedule.cosine(ticks: 10, floor: 0.1)
        #expect(schedule.factor(0) == 1)
        #expect(abs(schedule.factor(5) - 0.55) < 1e-15)
        #expect(abs(schedule.factor(10) - 0.1) < 1e-15)
        #expect(schedule.factor(1000) == schedule.factor(10))
        let factors = (0...20).map { schedule.factor(Double($0) / 2) }
        #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 > $1 })
    }

    /// A cosine by steps is the cosine by epochs at the step's share of the epoch.
    @Test func fractionsOfATickCount() {
        let (steps, epochs) = (Schedule.cosine(ticks: 70, floor: 0), Schedule.cosine(ticks: 10, floor: 0))
        for step in 0...70 { #expect(abs(steps.factor(Double(step)) - epochs.factor(Double(step) / 7)) < 1e-15) }
    }

    @Test func stepsHappenAtTheirTick() {
        let schedule = Schedule.step(ticks: 3, factor: 0.5)
        #expect([0, 2.9, 3, 5, 6].map(schedule.factor) == [1, 1, 0.5, 0.5, 0.25])
        let milestones = Schedule.milestones([6, 8], factor: 0.5)
        #expect([0, 5.9, 6, 7.9, 8, 100].map(milestones.factor) == [1, 1, 0.5, 0.5, 0.25, 0.25])
        #expect(Schedule.milestones([], factor: 0.5).factor(9) == 1)
    }

    @Test func whatFollowsAWarmUpCountsFromItsEnd() {
        let after = Schedule.cosine(ticks: 10, floor: 0)
        let schedule = Schedule.warmUp(ticks: 4, start: 0.2, then: after)
        #expect(schedule.factor(0) == 0.2)
        #expect(abs(schedule.factor(2) - 0.6) < 1e-15)
        for tick in 0...12 { #expect(schedule.factor(Double(4 + tick)) == after.factor(Double(tick))) }
        let nested = Schedule.warmUp(ticks: 2, start: 0, then: schedule)
        #expect(nested.factor(2) == 0.2)
    }

    @Test func noTicksIsNoSchedule() {
        #expect(Schedule.cosine(ticks: 0, floor: 0.3).factor(0) == 0.3)
        #expect(Schedule.step(ticks: 0, factor: 0.5).factor(7) == 1)
        #expect(Schedule.warmUp(ticks: 0, start: 0.1, then: .constant).factor(0) == 1)
        #expect(Schedule.constant.factor(12) == 1)
    }
}

/// Learning rates against PyTorch's schedulers, tick by tick.
@Suite struct ScheduleParityTests {
    @Test(arguments: GoldenFile.arguments("nn-schedules"))
    func agreesWithPyTorch(golden: GoldenCase) throws {
        let schedule = try schedule(golden)
        let base = try golden.double("base_lr")
        let comparison = Comparison(golden)
        try comparison.compare(
            "lr", (0...(try golden.int("steps"))).map { base * schedule.factor(Double($0)) }, tolerance: 1e-12)
        #expect(comparison.discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-schedules").count == 11)
    }

    private func schedule(_ golden: GoldenCase) throws -> Schedule {
        func cosine() throws -> Schedule {
            .cosine(ticks: try golden.int("t_max"), floor: try golden.double("eta_min") / golden.double("base_lr"))
        }
        switch golden.kind {
        case "cosine": return try cosine()
        case "step": return .step(ticks: try golden.int("step_size"), factor: try golden.double("gamma"))
        case "multi_step": return .milestones(try golden.ints("milestones"), factor: try golden.double("gamma"))
        case "linear":
            try golden.requires("end_factor", "1.0")
            return .warmUp(
                ticks: try golden.int("total_iters"), start: try golden.double("start_factor"), then: .constant)
        case "warmup_cosine":
            return .warmUp(
                ticks: try golden.int("warmup_steps"), start: try golden.double("start_factor"), then: try cosine())
        default: throw golden.unknownKind()
        }
    }
}
