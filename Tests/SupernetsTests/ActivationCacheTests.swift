import Seeding
import Testing
import Torch

@testable import Supernets

@Suite struct ActivationCacheTests {
    private func activations(_ floats: Int, halves: Int = 0) throws -> Activations {
        Activations(
            recalibration: halves > 0 ? [try .zeros([halves], dtype: .bfloat16)] : [],
            validation: [try .zeros([floats])])
    }

    @Test func `bytes are those of all tensors`() throws {
        #expect(try activations(10, halves: 3).bytes == 46)
        #expect(try activations(0).bytes == 0)
    }

    /// Against a list in the order of use, over random insertions and look-ups.
    @Test(arguments: [0, 40, 400, 1 << 40]) func `it forgets what was not used for longest`(limit: Int) throws {
        var cache = ActivationCache(limit: limit)
        var model: [(key: [Int], bytes: Int)] = []  // the least recently used first
        var (hits, misses) = (0, 0)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<400 {
            let key = [generator.below(5), generator.below(5)]
            let place = model.firstIndex { $0.key == key }
            if generator.chance(0.5) {
                #expect((cache.find(key) != nil) == (place != nil))
                if let place {
                    model.append(model.remove(at: place))
                    hits += 1
                } else {
                    misses += 1
                }
            } else {
                let made = try activations(generator.below(20))
                cache.insert(key, made)
                if place == nil, made.bytes <= limit {
                    while model.reduce(made.bytes, { $0 + $1.bytes }) > limit { model.removeFirst() }
                    model.append((key, made.bytes))
                }
            }
            #expect(cache.bytes <= limit)
            #expect(cache.bytes == model.reduce(0) { $0 + $1.bytes })
        }
        #expect(cache.hits == hits && cache.misses == misses)
        cache.removeAll()
        #expect(cache.bytes == 0 && model.allSatisfy { cache.find($0.key) == nil })
    }

    @Test func `what is found is what was put there first`() throws {
        var cache = ActivationCache(limit: 1000)
        let (first, second) = try (activations(1), activations(2))
        cache.insert([1], first)
        cache.insert([1], second)
        #expect(cache.find([1])?.validation[0] === first.validation[0])
        #expect(cache.find([]) == nil && cache.find([1, 0]) == nil)
        #expect(cache.bytes == 4)
    }

    @Test func `what is larger than the limit displaces nothing`() throws {
        var cache = ActivationCache(limit: 40)
        cache.insert([0], try activations(10))
        cache.insert([1], try activations(11))
        #expect(cache.find([0]) != nil && cache.find([1]) == nil && cache.bytes == 40)
    }
}
