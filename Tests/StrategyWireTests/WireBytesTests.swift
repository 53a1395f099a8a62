import StrategyWire
import Testing

/// What stands on the wire, byte by byte, for what random comparison can miss: the reading and the
/// writing side being wrong in the same way.
@Suite struct WireBytesTests {
    /// A message and the one way to write it.
    struct Form: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let message: PBAllTypes
        let bytes: [UInt8]
        init(_ name: String, _ bytes: [UInt8], _ fill: (inout PBAllTypes) -> Void) {
            var message = PBAllTypes()
            fill(&message)
            (testDescription, self.message, self.bytes) = (name, message, bytes)
        }
    }

    @Test(arguments: [
        Form("nothing", []) { _ in },
        Form("int32 1", [0x08, 1]) { $0.int32 = 1 },
        Form("int32 -1", [0x08] + ones + [1]) { $0.int32 = -1 },
        Form("int32 min", [0x08, 0x80, 0x80, 0x80, 0x80, 0xF8] + ff(4) + [1]) { $0.int32 = .min },
        Form("int64 min", [0x10] + [UInt8](repeating: 0x80, count: 9) + [1]) { $0.int64 = .min },
        Form("uint32 max", [0x18] + ff(4) + [0x0F]) { $0.uint32 = .max },
        Form("uint64 max", [0x20] + ones + [1]) { $0.uint64 = .max },
        Form("uint64 300", [0x20, 0xAC, 0x02]) { $0.uint64 = 300 },
        Form("sint32 -1", [0x28, 1]) { $0.sint32 = -1 },
        Form("sint32 1", [0x28, 2]) { $0.sint32 = 1 },
        Form("sint32 min", [0x28] + ff(4) + [0x0F]) { $0.sint32 = .min },
        Form("sint32 max", [0x28, 0xFE] + ff(3) + [0x0F]) { $0.sint32 = .max },
        Form("sint64 -2", [0x30, 3]) { $0.sint64 = -2 },
        Form("sint64 min", [0x30] + ones + [1]) { $0.sint64 = .min },
        Form("fixed32", [0x3D, 4, 3, 2, 1]) { $0.fixed32 = 0x0102_0304 },
        Form("fixed64", [0x41, 8, 7, 6, 5, 4, 3, 2, 1]) { $0.fixed64 = 0x0102_0304_0506_0708 },
        Form("sfixed32 -2", [0x4D, 0xFE, 0xFF, 0xFF, 0xFF]) { $0.sfixed32 = -2 },
        Form("sfixed64 -2", [0x51, 0xFE] + [UInt8](repeating: 0xFF, count: 7)) { $0.sfixed64 = -2 },
        Form("float 1", [0x5D, 0, 0, 0x80, 0x3F]) { $0.float = 1 },
        Form("float -0", [0x5D, 0, 0, 0, 0x80]) { $0.float = -0.0 },
        Form("double -0", [0x61, 0, 0, 0, 0, 0, 0, 0, 0x80]) { $0.double = -0.0 },
        Form("bool", [0x68, 1]) { $0.bool = true },
        Form("string", [0x72, 3, 0xE2, 0x82, 0xAC]) { $0.string = "€" },
        Form("bytes", [0x7A, 2, 0, 0xFF]) { $0.bytes = [0, 0xFF] },
        Form("enum", [0x80, 0x01, 2]) { $0.color = .green },
        Form("enum -1", [0x80, 0x01] + ones + [1]) { $0.color = .negative },
        Form("enum without a name", [0x80, 0x01, 77]) { $0.color = .unrecognized(77) },
        Form("an empty message is present", [0x8A, 0x01, 0]) { $0.nested = .init() },
        Form("nested", [0x8A, 0x01, 2, 0x08, 5]) { $0.nested = .init(number: 5) },
        Form("itself", [0x92, 0x01, 2, 0x08, 5]) { $0.child = .init(int32: 5) },
        Form("optional 0 is present", [0xA8, 0x01, 0]) { $0.optionalInt32 = 0 },
        Form("optional empty text", [0xD2, 0x01, 0]) { $0.optionalString = "" },
        Form("packed", [0xFA, 0x01, 3, 1, 0xAC, 0x02]) { $0.repeatedInt32 = [1, 300] },
        Form("packed fixed", [0xAA, 0x02, 8, 1, 0, 0, 0, 2, 0, 0, 0]) {
            $0.repeatedFixed32 = [1, 2]
        },
        Form("not packed", [0x98, 0x03, 1, 0x98, 0x03, 2]) { $0.unpackedInt32 = [1, 2] },
        Form("texts", [0xE2, 0x02, 1, 0x61, 0xE2, 0x02, 0]) { $0.repeatedString = ["a", ""] },
        Form("map in order of keys", [0xEA, 0x03, 4, 8, 1, 16, 9, 0xEA, 0x03, 4, 8, 2, 16, 8]) {
            $0.mapInt32 = [2: 8, 1: 9]
        },
        Form("map entries name defaults", [0xBA, 0x04, 4, 8, 0, 18, 0]) {
            $0.mapBool[false] = .init()
        },
        Form("oneof 0 is present", [0x88, 0x05, 0]) { $0.choice = .choiceUint32(0) },
        Form("the largest number", [0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 1]) { $0.lastNumber = 1 },
    ])
    func stands(_ form: Form) throws {
        #expect(form.message.encoded() == form.bytes)
        #expect(try PBAllTypes(decoding: form.bytes).encoded() == form.bytes)
        #expect(try PBAllTypes(decoding: form.bytes) == form.message)
    }

    /// Every form again, as libprotobuf reads it.
    @Test func libprotobufReadsTheSame() throws {
        var message = PBAllTypes(int32: -3, sint32: -4, sfixed64: -5, string: "é", color: .crimson)
        message.child = PBAllTypes(uint64: .max, choice: .choiceNested(.init(text: "x")))
        message.repeatedSint64 = [-1, 1, .min]
        message.repeatedColor = [.negative, .unrecognized(9)]
        message.mapString = ["k": "v", "": "e"]
        message.optionalDouble = -0.0
        message.lastNumber = 7
        #expect(
            try WireOracle().text(PBAllTypes.protoName, message.encoded())
                == """
                int32: -3 sint32: -4 sfixed64: -5 string: "é" color: COLOR_RED \
                child { uint64: 18446744073709551615 choice_nested { text: "x" } } \
                optional_double: -0 repeated_sint64: -1 repeated_sint64: 1 \
                repeated_sint64: -9223372036854775808 repeated_color: COLOR_NEGATIVE \
                repeated_color: 9 map_string { key: "" value: "e" } \
                map_string { key: "k" value: "v" } last_number: 7
                """ + " ")
    }
}

/// `count` bytes of a varint that goes on with all bits set.
private func ff(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: count) }
private let ones = ff(9)
