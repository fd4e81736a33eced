import Testing

@testable import Torch

@Suite struct AutogradTests {
    @Test func gradientsAddUpUntilDropped() throws {
        let x = try Tensor([Float(3)]).requireGradient()
        try (x * x).sum().backward()
        try (x * x).sum().backward()
        #expect(try x.gradient?.item() == 12)
        try x.setGradient(nil)
        #expect(x.gradient == nil)
        #expect(x.isLeaf && x.requiresGradient)
    }

    @Test func gradientsOfGradients() throws {
        let x = try Tensor([2.0]).requireGradient()
        let first = try #require(try gradients(of: x.power(3).sum(), with: [x], createGraph: true)[0])
        #expect(try first.item() == 12)
        let second = try #require(try gradients(of: first.sum(), with: [x])[0])
        #expect(try second.item() == 12)
        #expect(x.gradient == nil, "asking leaves no trace on the leaf")
    }

    @Test func anInputThatPlaysNoPartHasNoGradient() throws {
        let x = try Tensor([2.0]).requireGradient()
        let y = try Tensor([2.0]).requireGradient()
        #expect(try gradients(of: (x * x).sum(), with: [x, y])[1] == nil)
    }

    @Test func scopesNestAndEnd() throws {
        let x = try Tensor([2.0]).requireGradient()
        try withoutGradients {
            #expect(try !(x * x).requiresGradient)
            let inside = try withGradients { try x * x }
            #expect(inside.requiresGradient)
            #expect(try !(x * x).requiresGradient)
        }
        #expect(try (x * x).requiresGradient)
        struct Stop: Error {}
        #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
        #expect(try (x * x).requiresGradient, "a scope left by an error is left")
        #expect(try !(x.detached() * x.detached()).requiresGradient)
    }

    @Test func misuseIsRefused() throws {
        #expect(throws: TorchError.self) { try Tensor([1.0]).backward() }
        #expect(throws: TorchError.self) { try Tensor([1, 2]).requireGradient() }
        let x = try Tensor([1.0, 2.0]).requireGradient()
        #expect(throws: TorchError.self) { try (x * x).backward() }
        let loss = try (x * x).sum()
        try loss.backward()
        #expect(throws: TorchError.self) { try loss.backward() }
    }

    @Test func aDeepGraphIsFreed() throws {
        let x = try Tensor([1.0]).requireGradient()
        var y = x
        for _ in 0..<50_000 { y = try y + 1.0 }
        try y.sum().backward()
        #expect(try x.gradient?.item() == 1)
    }

    @Test func bfloat16IsUsedInsideItsScopeOnly() throws {
        let generator = try Generator(seed: 1)
        let x = try Tensor.normal([4, 8], using: generator)
        let weight = try Tensor.normal([3, 8], using: generator).requireGradient()
        let exact = try x.linear(weight)
        let (cast, again, inner) = try withPrecision(.bfloat16) {
            let inner = try withPrecision(.float32) { try x.linear(weight) }
            return (try x.linear(weight), try x.linear(weight), inner)
        }
        #expect(cast.dtype == .bfloat16 && inner.dtype == .float32)
        #expect(try x.linear(weight).dtype == .float32)
        #expect(try cast.to(.float32).isClose(to: exact, relative: 0.05, absolute: 0.05))
        #expect(try cast.array16() == again.array16())
        try cast.to(.float32).sum().backward()
        #expect(weight.gradient?.dtype == .float32)
    }

    @Test func aWeightIsCastOnceInAScope() throws {
        let weight = try Tensor.ones([2, 2]).requireGradient()
        let x = try Tensor.ones([1, 2])
        try withPrecision(.bfloat16) {
            let before = try x.linear(weight).to(.float32).sum().item()
            // Written behind autocast's back: the kept cast does not see it, which shows that there is one.
            try withoutGradients { try weight.fillInPlace(5) }
            #expect(try x.linear(weight).to(.float32).sum().item() == before)
        }
        let fresh = try withPrecision(.bfloat16) { try x.linear(weight).to(.float32).sum().item() }
        #expect(fresh == 20)
    }
}

extension Tensor {
    fileprivate func array16() throws -> [Float] { try to(.float32).array(Float.self) }
}
