import GoldenCases
import NN
import Testing

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
