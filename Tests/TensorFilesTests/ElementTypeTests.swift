import Testing

@testable import TensorFiles

struct ElementTypeTests {
    @Test func everyNameLeadsBackToItsType() {
        for type in ElementType.allCases {
            #expect(ElementType(torchName: type.torchName) == type)
            if let name = type.safeTensorsName { #expect(ElementType(safeTensorsName: name) == type) }
            if let name = type.torchStorageName { #expect(ElementType(torchStorageName: name) == type) }
        }
        #expect(Set(ElementType.allCases.map(\.torchName)).count == ElementType.allCases.count)
        #expect(Set(ElementType.allCases.compactMap(\.safeTensorsName)).count == ElementType.allCases.count - 2)
        #expect(ElementType(torchName: "quint8") == nil)
        #expect(ElementType(safeTensorsName: "F4") == nil)
        #expect(ElementType(torchStorageName: "QInt8Storage") == nil)
    }

    @Test func sizesAreThoseOfTheirSwiftNumbers() {
        func check<Number: StoredElement>(_ type: Number.Type) {
            for elementType in Number.elementTypes { #expect(elementType.byteSize == MemoryLayout<Number>.size) }
        }
        check(UInt8.self)
        check(Int8.self)
        check(Int16.self)
        check(UInt16.self)
        check(Int32.self)
        check(UInt32.self)
        check(Int64.self)
        check(UInt64.self)
        check(Float.self)
        check(Double.self)
        #expect(ElementType.complex32.byteSize == 2 * ElementType.float16.byteSize)
        #expect(ElementType.complex64.byteSize == 2 * ElementType.float32.byteSize)
        #expect(ElementType.complex128.byteSize == 2 * ElementType.float64.byteSize)
    }

    @Test func layoutRankKeepsTensorsAligned() {
        let written = ElementType.allCases.filter { $0.safeTensorsName != nil }
            .sorted { $0.layoutRank > $1.layoutRank }
        for (earlier, later) in zip(written, written.dropFirst()) {
            #expect(earlier.byteSize.isMultiple(of: later.byteSize))
        }
    }
}
