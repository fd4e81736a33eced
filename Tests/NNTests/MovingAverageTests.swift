import Foundation
import NN
import Testing
import Torch

@Suite struct MovingAverageTests {
    /// Towards a value that stays, the distance shrinks by the momentum each time.
    @Test(arguments: [0, 0.5, 0.9, 0.999])
    func distanceShrinksGeometrically(momentum: Double) throws {
        let start = [Double](arrayLiteral: 1, -2, 0.5)
        let target = [Double](arrayLiteral: 4, 4, -1)
        let (average, current) = (try Tensor(start), try Tensor(target))
        for step in 1...20 {
            try movingAverage([average], towards: [current], momentum: momentum)
            let factor = pow(momentum, Double(step))
            let expected = try Tensor(zip(start, target).map { $1 + factor * ($0 - $1) })
            #expect(try average.isClose(to: expected, relative: 1e-12), "step \(step)")
        }
        #expect(try current.array(Double.self) == target)
    }

    @Test func momentumOneKeepsTheAverage() throws {
        let average = try Tensor([Float(1), 2])
        try movingAverage([average], towards: [Tensor([Float(5), 5])], momentum: 1)
        #expect(try average.array(Float.self) == [1, 2])
    }

    @Test func aSubsetMovesAndTheRestStays() throws {
        let averages = try (0..<3).map { _ in try Tensor.zeros([2]) }
        try movingAverage([averages[0], averages[2]], towards: [.ones([2]), .ones([2])], momentum: 0.5)
        #expect(try averages.map { try $0.mean().item() } == [0.5, 0, 0.5])
    }

    @Test func parametersMoveWithoutBeingRecorded() throws {
        let average = try Tensor.zeros([2]).requireGradient()
        try movingAverage([average], towards: [Tensor.ones([2]).requireGradient()], momentum: 0.5)
        #expect(average.isLeaf)
        #expect(try average.array(Float.self) == [0.5, 0.5])
    }

    @Test func listsMustCorrespond() throws {
        let text = try message { try movingAverage([.zeros([1]), .zeros([1])], towards: [.zeros([1])], momentum: 0.9) }
        #expect(text.contains("2 averages were given 1 current"))
        #expect(throws: TorchError.self) { try movingAverage([.zeros([2])], towards: [.zeros([3])], momentum: 0.9) }
        try movingAverage([], towards: [], momentum: 0.9)
    }
}
