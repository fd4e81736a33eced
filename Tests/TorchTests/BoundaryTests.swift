import CTorch
import Foundation
import Testing

@testable import Torch

/// Nothing thrown in C++ may cross the C boundary; each kind becomes an error of its own.
@Suite struct BoundaryTests {
    @Test(arguments: [
        (0, TorchError.Kind.invalidArgument, "a libtorch error"),
        (1, .outOfMemory, "a device out of memory"),
        (2, .notImplemented, "no kernel"),
        (3, .outOfMemory, "bad_alloc"),
        (4, .other, "a standard error"),
        (5, .other, "not a std::exception"),
        (6, .other, "not a std::exception"),
    ])
    func everyKindOfExceptionBecomesAnError(kind: Int32, expected: TorchError.Kind, text: String) throws {
        let status = try Runtime.api().throw_for_test(kind)
        let error = TorchError.last(status, operation: "test")
        #expect(error.kind == expected)
        #expect(error.message.contains(text))
    }

    @Test func nothingThrownIsNoError() throws {
        #expect(try Runtime.api().throw_for_test(-1) == CT_OK)
    }

    @Test func hostMemoryThatCannotBeHadIsOutOfMemory() throws {
        let error = #expect(throws: TorchError.self) { try Tensor.empty([1 << 46]) }
        #expect(error?.kind == .outOfMemory)
    }

    @Test func anErrorNamesOperationAndShapes() throws {
        let error = #expect(throws: TorchError.self) {
            try Tensor.zeros([2, 3]).matrixProduct(.zeros([4, 5]))
        }
        #expect(error?.operation == "aten::matmul")
        #expect(error?.shapes == [[2, 3], [4, 5]])
        #expect(error?.description.contains("[2, 3] and [4, 5]") == true)
        #expect(error?.message.contains("frame #") == false)
    }

    @Test func anUnknownOperatorIsRefusedByName() throws {
        let error = #expect(throws: TorchError.self) { try Operator("aten::no_such_operator").run() }
        #expect(error?.kind == .notImplemented)
        #expect(error?.message.contains("no_such_operator") == true)
    }

    @Test func missingAndSurplusArgumentsAreRefused() throws {
        let missing = #expect(throws: TorchError.self) { try Operator("aten::relu").run() }
        #expect(missing?.message.contains("'self'") == true)
        let one = try Tensor(Float(1))
        let surplus = #expect(throws: TorchError.self) { try Operator("aten::relu").run(.tensor(one), .tensor(one)) }
        #expect(surplus?.message.contains("takes 1 arguments, got 2") == true)
    }

    @Test func aDeviceThatIsNotThereIsRefusedWithWhatThereIs() throws {
        let count = try Runtime.cudaDeviceCount()
        let error = #expect(throws: TorchError.self) { try Tensor.zeros([1], device: .cuda(count)) }
        #expect(error?.kind == .noSuchDevice)
        #expect(throws: TorchError.self) { try Generator(seed: 1, device: .cuda(count)) }
    }

    @Test func aStaleLibraryIsRefused() throws {
        // The entry point is asked as a program of another interface version would ask.
        try Runtime.load()
        let handle = try #require(dlopen(nil, RTLD_NOW))
        let symbol = try #require(dlsym(handle, "ct_native_api"))
        typealias Entry = @convention(c) (UInt32, UnsafeMutablePointer<CChar>, Int) -> UnsafeRawPointer?
        var message = [CChar](repeating: 0, count: 512)
        let table = unsafeBitCast(symbol, to: Entry.self)(UInt32(CT_ABI_VERSION) + 1, &message, message.count)
        #expect(table == nil)
        #expect(text(message).contains("interface version"))
    }

    @Test func aLibraryThatIsMissingIsSaidToBe() async {
        await #expect(processExitsWith: .success) { expectRefusal("/no/such/library.so", "SUPERNET_TORCH_LIBRARY") }
    }

    @Test func aLibraryOfAnotherKindIsRefused() async {
        await #expect(processExitsWith: .success) { expectRefusal("/lib/x86_64-linux-gnu/libm.so.6", "ct_native_api") }
    }

    @Test func aFileThatIsNoLibraryIsRefused() async {
        await #expect(processExitsWith: .success) { expectRefusal("/etc/passwd", "/etc/passwd") }
    }

    @Test(arguments: ["cpu", "cuda:0", "cuda:3"]) func deviceNamesRoundTrip(name: String) {
        #expect(Device(name)?.description == name)
    }

    @Test(arguments: ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1000"]) func otherDeviceNamesAreNot(name: String) {
        #expect(Device(name) == nil)
    }
}

/// Ends the process with 0 only if loading `library` fails with words that contain `word`. In a process of its own,
/// since a load that has succeeded stands.
private func expectRefusal(_ library: String, _ word: String) -> Never {
    setenv("SUPERNET_TORCH_LIBRARY", library, 1)
    do {
        try Runtime.load()
    } catch let error as TorchError {
        exit(error.kind == .notLoaded && error.description.contains(word) ? 0 : 2)
    } catch {
        exit(3)
    }
    exit(1)
}
