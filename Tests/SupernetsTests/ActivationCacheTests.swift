import Support
import Testing
import Torch

@testable import Supernets

@Suite struct ActivationCacheTests {
    private func activations(_ floats: Int, halves: Int = 0) throws -> Activations {
        Activations(
            recalibration: halves > 0 ? [try .zeros([halves], dtype: .bfloat16)] : [],
            validation: [try .zeros([floats])])
    }

    @Test func bytesAreThoseOfAllTensors() throws {
        #expect(try activations(10, halves: 3).bytes == 46)
        #expect(try activations(0).bytes == 0)
    }

    /// Over random insertions and look-ups: never more than the limit, and nothing is found that was not put there.
    @Test(arguments: [0, 40, 400, 1 << 40]) func theLimitHolds(limit: Int) throws {
        var cache = ActivationCache(limit: limit)
        var put: [[Int]: Int] = [:]
        var (hits, misses) = (0, 0)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<400 {
            let key = [generator.below(5), generator.below(5)]
            if generator.chance(0.5) {
                if let found = cache.find(key) {
                    #expect(found.bytes == put[key])
                    hits += 1
                } else {
                    misses += 1
                }
            } else {
                let made = try activations(1 + generator.below(20))
                if cache.find(key) == nil {
                    put[key] = made.bytes
                    misses += 1
                } else {
                    hits += 1
                }
                cache.insert(key, made, pieces: 1 + generator.below(3))
            }
            #expect(cache.bytes <= limit)
        }
        #expect(cache.hits == hits && cache.misses == misses)
        #expect(limit < 1 << 40 || hits > 100)
        cache.removeAll()
        #expect(cache.bytes == 0 && put.keys.allSatisfy { cache.find($0) == nil })
    }

    @Test func whatSavesMuchForItsBytesStays() throws {
        var cache = ActivationCache(limit: 160)
        cache.insert([0, 0, 0], try activations(10), pieces: 4)
        cache.insert([0], try activations(30), pieces: 2)
        // The large early one goes for a late one, and does not come back in its place.
        cache.insert([0, 0, 1], try activations(10), pieces: 4)
        #expect(cache.find([0]) == nil && cache.find([0, 0, 0]) != nil)
        cache.insert([0], try activations(30), pieces: 2)
        #expect(cache.find([0]) == nil && cache.find([0, 0, 1]) != nil)
    }

    @Test func whatIsNotUsedAnyMoreGoesInTheEnd() throws {
        var cache = ActivationCache(limit: 80)
        cache.insert([9, 9], try activations(10), pieces: 4)
        for index in 0..<20 { cache.insert([index], try activations(10), pieces: 1) }
        #expect(cache.find([9, 9]) == nil)
    }

    @Test func whatIsFoundIsWhatWasPutThereFirst() throws {
        var cache = ActivationCache(limit: 1000)
        let (first, second) = try (activations(1), activations(2))
        cache.insert([1], first, pieces: 1)
        cache.insert([1], second, pieces: 1)
        #expect(cache.find([1])?.validation[0] === first.validation[0])
        #expect(cache.find([]) == nil && cache.find([1, 0]) == nil)
        #expect(cache.bytes == 4)
    }

    @Test func whatIsLargerThanTheLimitDisplacesNothing() throws {
        var cache = ActivationCache(limit: 40)
        cache.insert([0], try activations(10), pieces: 1)
        cache.insert([1], try activations(11), pieces: 1)
        #expect(cache.find([0]) != nil && cache.find([1]) == nil && cache.bytes == 40)
    }
}
