import Testing

@testable import Workflows

@Suite struct ScalingModelTests {
    @Test func twoProcessesTakeWhatWasMeasured() {
        let model = ScalingModel(bytes: 200_000_000, seconds: 0.25, empty: 0.001)
        #expect(abs(model.reduction(devices: 2) - 0.25) < 1e-9)
        #expect(model.reduction(devices: 1) == 0)
    }

    @Test func aRingSendsNearlyTwiceTheBytesHoweverManyThereAre() {
        let model = ScalingModel(bytes: 1e9, bandwidth: 1e9, latency: 0)
        #expect(model.reduction(devices: 4) == 1.5)
        #expect(abs(model.reduction(devices: 256) - 2 * 255 / 256) < 1e-12)
        // Messages grow with the number of devices.
        let slow = ScalingModel(bytes: 0, bandwidth: 1, latency: 1e-3)
        #expect(abs(slow.reduction(devices: 65) - 0.128) < 1e-12)
    }

    /// A measurement in which the content took no time is no infinite rate.
    @Test func measurementsWithinNoiseGiveFiniteFigures() {
        let model = ScalingModel(bytes: 4, seconds: 1e-5, empty: 2e-5)
        #expect(model.bandwidth.isFinite && model.reduction(devices: 8) > 0)
    }
}
