import StrategyWire
import Testing

/// What a reader must forgive, and what it becomes.
@Suite struct LeniencyTests {
    private func decoded(_ bytes: [UInt8]) throws -> PBAllTypes { try PBAllTypes(decoding: bytes) }

    @Test(
        arguments: [
            [0x08, 0x81, 0x00], [0x08, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0x88, 0x00, 1], [0x88, 0x80, 0x80, 0x80, 0x00, 1],
            // Bits past the 32nd of an int32, past the 64th of any varint, and of a tag.
            [0x08, 0x81, 0x80, 0x80, 0x80, 0xF0, 0xFF, 0x0F],
            [0x08, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E],
            [0x88, 0x80, 0x80, 0x80, 0x70, 1],
        ] as [[UInt8]])
    func numbersMayBeLongerThanNeeded(_ bytes: [UInt8]) throws {
        #expect(try decoded(bytes) == PBAllTypes(int32: 1))
    }

    @Test(
        arguments: [
            [0x68, 2], [0x68, 0x80, 0x01], [0x68, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            [0x68, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        ] as [[UInt8]])
    func everyNumberButZeroIsTrue(_ bytes: [UInt8]) throws {
        #expect(try decoded(bytes) == PBAllTypes(bool: true))
        #expect(try decoded(bytes).encoded() == [0x68, 1])
    }

    @Test func lengthsMayBeLongerThanNeeded() throws {
        #expect(try decoded([0x72, 0x81, 0x80, 0x80, 0x80, 0x00, 0x61]).string == "a")
    }

    @Test func theLastValueWins() throws {
        #expect(try decoded([0x08, 1, 0x08, 2]) == PBAllTypes(int32: 2))
        #expect(try decoded([0x72, 1, 0x61, 0x72, 0]) == PBAllTypes())
        #expect(try decoded([0x88, 0x05, 1, 0xAA, 0x05, 1, 0x61]).choice == .choiceString("a"))
    }

    @Test func aMessageMetAgainIsMerged() throws {
        let twice: [UInt8] = [0x8A, 0x01, 4, 0x08, 5, 0x12, 0, 0x8A, 0x01, 3, 0x12, 1, 0x61]
        #expect(try decoded(twice).nested == .init(number: 5, text: "a"))
        let child: [UInt8] = [0x92, 0x01, 2, 0x08, 5, 0x92, 0x01, 2, 0x10, 6]
        #expect(try decoded(child).child == PBAllTypes(int32: 5, int64: 6))
        let choice: [UInt8] = [0x9A, 0x05, 2, 0x08, 5, 0x9A, 0x05, 3, 0x12, 1, 0x61]
        #expect(try decoded(choice).choice == .choiceNested(.init(number: 5, text: "a")))
    }

    @Test func anotherChoiceForgetsTheFirst() throws {
        let between: [UInt8] = [
            0x9A, 0x05, 2, 0x08, 5, 0x88, 0x05, 1, 0x9A, 0x05, 3, 0x12, 1, 0x61,
        ]
        #expect(try decoded(between).choice == .choiceNested(.init(text: "a")))
    }

    @Test func columnsAreReadPackedOrNot() throws {
        #expect(
            try decoded([0xF8, 0x01, 1, 0xFA, 0x01, 2, 2, 3, 0xF8, 0x01, 4]).repeatedInt32 == [
                1, 2, 3, 4,
            ])
        #expect(try decoded([0x9A, 0x03, 2, 1, 2]).unpackedInt32 == [1, 2])
        let fixed: [UInt8] = [0xAD, 0x02, 1, 0, 0, 0, 0xAA, 0x02, 4, 2, 0, 0, 0]
        #expect(try decoded(fixed).repeatedFixed32 == [1, 2])
        #expect(try decoded([0xAA, 0x02, 0]) == PBAllTypes())
    }

    @Test func aMapEntryMayLackPartsOrHaveMore() throws {
        #expect(try decoded([0xEA, 0x03, 0]).mapInt32 == [0: 0])
        #expect(try decoded([0xEA, 0x03, 4, 16, 9, 8, 1]).mapInt32 == [1: 9])
        #expect(try decoded([0xEA, 0x03, 6, 8, 1, 16, 9, 24, 7]).mapInt32 == [1: 9])
        #expect(
            try decoded([0xEA, 0x03, 4, 8, 1, 16, 9, 0xEA, 0x03, 4, 8, 1, 16, 2]).mapInt32 == [1: 2]
        )
    }

    /// Both are "é" to Swift; on the wire they are two keys.
    @Test func keysDifferByTheirBytes() throws {
        let map: WireMap<String, String> = ["\u{E9}": "one", "e\u{301}": "two"]
        #expect(map.count == 2)
        #expect(map["\u{E9}"] == "one" && map["e\u{301}"] == "two")
        #expect(map.entries.map(\.value) == ["two", "one"])
        let bytes = PBAllTypes(mapString: map).encoded()
        #expect(try decoded(bytes).mapString == map)
    }

    // MARK: Unknown fields

    @Test(
        arguments: [
            [0xB8, 0x3E, 7],  // varint under a number of its own
            [0xB9, 0x3E, 1, 2, 3, 4, 5, 6, 7, 8],
            [0xBA, 0x3E, 2, 0xFF, 0xFE],
            [0xBD, 0x3E, 1, 2, 3, 4],
            [0x0D, 1, 0, 0, 0],  // int32 with the wire type of a fixed one
            [0x0A, 1, 1],  // ... and as if it were packed: it is not repeated
            [0xBB, 0x3E, 0xBC, 0x3E],  // an empty group
            [0xBB, 0x3E, 0x08, 1, 0x13, 0x14, 0xBC, 0x3E],  // groups in each other
            [0x0B, 0x08, 1, 0x0C],  // a group under a known number
        ] as [[UInt8]])
    func unknownFieldsAreKept(_ bytes: [UInt8]) throws {
        let message = try decoded([0x08, 3] + bytes + [0x10, 4])
        #expect(message.int32 == 3 && message.int64 == 4)
        #expect(message.unknownFields.bytes == bytes)
        #expect(message.encoded() == [0x08, 3, 0x10, 4] + bytes)
    }

    @Test func unknownFieldsOfMergedMessagesAreKept() throws {
        let twice: [UInt8] = [0x8A, 0x01, 3, 0xB8, 0x3E, 1, 0x8A, 0x01, 3, 0xB8, 0x3E, 2]
        #expect(try decoded(twice).nested?.unknownFields.bytes == [0xB8, 0x3E, 1, 0xB8, 0x3E, 2])
    }

    @Test func aNumberOfAnEnumWithoutANameIsKept() throws {
        #expect(try decoded([0x80, 0x01, 77]).color == .unrecognized(77))
        #expect(try decoded([0x80, 0x01, 0x82, 0x80, 0x80, 0x80, 0x10]).color == .green)
        #expect(PBColor.crimson == .red)
    }
}
