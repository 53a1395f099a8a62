// swift-format-ignore-file
// Made by protoc-gen-madang from all_types.proto.
// Do not edit: change the .proto file and run Tools/generate.

import StrategyWire

/// Has an alias, a negative number and the ends of the range.
enum PBColor: WireEnum {
    case unspecified
    case red
    case green
    case negative
    case largest
    case smallest
    /// A number that this build has no name for.
    case unrecognized(Int32)
    static let crimson = PBColor.red

    init(rawValue: Int32) {
        switch rawValue {
        case 0: self = .unspecified
        case 1: self = .red
        case 2: self = .green
        case -1: self = .negative
        case 2147483647: self = .largest
        case -2147483648: self = .smallest
        default: self = .unrecognized(rawValue)
        }
    }

    var rawValue: Int32 {
        switch self {
        case .unspecified: 0
        case .red: 1
        case .green: 2
        case .negative: -1
        case .largest: 2147483647
        case .smallest: -2147483648
        case .unrecognized(let number): number
        }
    }
}

/// Every kind of field that proto3 has, for the tests of the wire runtime and the generator.
struct PBAllTypes: WireMessage {
    static let protoName = "madang.test.AllTypes"

    var int32: Int32 = 0
    var int64: Int64 = 0
    var uint32: UInt32 = 0
    var uint64: UInt64 = 0
    var sint32: Int32 = 0
    var sint64: Int64 = 0
    var fixed32: UInt32 = 0
    var fixed64: UInt64 = 0
    var sfixed32: Int32 = 0
    var sfixed64: Int64 = 0
    var float: Float = 0
    var double: Double = 0
    var bool: Bool = false
    var string: String = ""
    var bytes: [UInt8] = []
    var color: PBColor = .unspecified
    var nested: PBAllTypes.Nested? = nil
    /// The message itself, boxed in Swift.
    var child: PBAllTypes? {
        get { boxedChild?.value }
        set { boxedChild = newValue.map { WireBox($0) } }
    }
    private var boxedChild: WireBox<PBAllTypes>?
    var optionalInt32: Int32? = nil
    var optionalSint64: Int64? = nil
    var optionalFixed64: UInt64? = nil
    var optionalDouble: Double? = nil
    var optionalBool: Bool? = nil
    var optionalString: String? = nil
    var optionalBytes: [UInt8]? = nil
    var optionalColor: PBColor? = nil
    var optionalNested: PBAllTypes.Nested? = nil
    var repeatedInt32: [Int32] = []
    var repeatedInt64: [Int64] = []
    var repeatedUint32: [UInt32] = []
    var repeatedUint64: [UInt64] = []
    var repeatedSint32: [Int32] = []
    var repeatedSint64: [Int64] = []
    var repeatedFixed32: [UInt32] = []
    var repeatedFixed64: [UInt64] = []
    var repeatedSfixed32: [Int32] = []
    var repeatedSfixed64: [Int64] = []
    var repeatedFloat: [Float] = []
    var repeatedDouble: [Double] = []
    var repeatedBool: [Bool] = []
    var repeatedString: [String] = []
    var repeatedBytes: [[UInt8]] = []
    var repeatedColor: [PBColor] = []
    var repeatedNested: [PBAllTypes.Nested] = []
    var repeatedChild: [PBAllTypes] = []
    var unpackedInt32: [Int32] = []
    var unpackedSint64: [Int64] = []
    var unpackedFixed32: [UInt32] = []
    var unpackedSfixed64: [Int64] = []
    var unpackedDouble: [Double] = []
    var unpackedBool: [Bool] = []
    var unpackedColor: [PBColor] = []
    var mapInt32: WireMap<Int32, Int32> = [:]
    var mapInt64: WireMap<Int64, Int64> = [:]
    var mapUint32: WireMap<UInt32, UInt32> = [:]
    var mapUint64: WireMap<UInt64, UInt64> = [:]
    var mapSint32: WireMap<Int32, Int32> = [:]
    var mapSint64: WireMap<Int64, Double> = [:]
    var mapFixed32: WireMap<UInt32, Float> = [:]
    var mapFixed64: WireMap<UInt64, Bool> = [:]
    var mapSfixed32: WireMap<Int32, [UInt8]> = [:]
    var mapSfixed64: WireMap<Int64, PBColor> = [:]
    var mapBool: WireMap<Bool, PBAllTypes.Nested> = [:]
    var mapString: WireMap<String, String> = [:]
    var mapChild: WireMap<String, PBAllTypes> = [:]
    var choice: Choice? = nil
    var between: Int32 = 0
    /// Names that Swift or the generated code keep for themselves.
    var self_: Int32 = 0
    var init_: Int32 = 0
    var `default`: Int32 = 0
    var `in`: Int32 = 0
    var reader_: Int32 = 0
    var unknownFields_: Int32 = 0
    var type: PBAllTypes.TypeEnum = .unspecified
    /// The largest number that a field may have.
    var lastNumber: Int32 = 0
    var unknownFields = WireUnknownFields()

    enum Choice: Hashable, Sendable {
        case choiceUint32(UInt32)
        case choiceSint64(Int64)
        case choiceNested(PBAllTypes.Nested)
        /// Stands between the numbers of the oneof: fields are written in the order of their
        /// numbers.
        case choiceString(String)
        case choiceBytes([UInt8])
        case choiceColor(PBColor)
        case choiceDouble(Double)
        indirect case choiceChild(PBAllTypes)
        case choiceBool(Bool)
    }

    enum TypeEnum: WireEnum {
        case unspecified
        case type1
        case selfMade
        /// A number that this build has no name for.
        case unrecognized(Int32)

        init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unspecified
            case 1: self = .type1
            case 2: self = .selfMade
            default: self = .unrecognized(rawValue)
            }
        }

        var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .type1: 1
            case .selfMade: 2
            case .unrecognized(let number): number
            }
        }
    }

    struct Nested: WireMessage {
        static let protoName = "madang.test.AllTypes.Nested"

        var number: Int64 = 0
        var text: String = ""
        var column: [Int64] = []
        /// Two messages that hold each other.
        var pair: PBPair? {
            get { boxedPair?.value }
            set { boxedPair = newValue.map { WireBox($0) } }
        }
        private var boxedPair: WireBox<PBPair>?
        var unknownFields = WireUnknownFields()

        init() {}

        init(number: Int64 = 0, text: String = "", column: [Int64] = [], pair: PBPair? = nil) {
            self.number = number
            self.text = text
            self.column = column
            self.pair = pair
        }

        mutating func merge(from reader: inout WireReader) throws(WireError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: number = try reader.read(WireInt64.self)
                case 18: text = try reader.read(WireString.self)
                case 26: try reader.packed(WireSFixed64.self, into: &column)
                case 25: column.append(try reader.read(WireSFixed64.self))
                case 34:
                    var merged = pair
                    pair = nil
                    try reader.merge(&merged)
                    pair = merged
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        func write(to writer: inout WireWriter) {
            writer.write(unknownFields)
            if let pair { writer.put(pair, tag: 34) }
            writer.packed(WireSFixed64.self, column, tag: 26)
            writer.write(WireString.self, text, tag: 18)
            writer.write(WireInt64.self, number, tag: 8)
        }
    }

    init() {}

    init(
        int32: Int32 = 0,
        int64: Int64 = 0,
        uint32: UInt32 = 0,
        uint64: UInt64 = 0,
        sint32: Int32 = 0,
        sint64: Int64 = 0,
        fixed32: UInt32 = 0,
        fixed64: UInt64 = 0,
        sfixed32: Int32 = 0,
        sfixed64: Int64 = 0,
        float: Float = 0,
        double: Double = 0,
        bool: Bool = false,
        string: String = "",
        bytes: [UInt8] = [],
        color: PBColor = .unspecified,
        nested: PBAllTypes.Nested? = nil,
        child: PBAllTypes? = nil,
        optionalInt32: Int32? = nil,
        optionalSint64: Int64? = nil,
        optionalFixed64: UInt64? = nil,
        optionalDouble: Double? = nil,
        optionalBool: Bool? = nil,
        optionalString: String? = nil,
        optionalBytes: [UInt8]? = nil,
        optionalColor: PBColor? = nil,
        optionalNested: PBAllTypes.Nested? = nil,
        repeatedInt32: [Int32] = [],
        repeatedInt64: [Int64] = [],
        repeatedUint32: [UInt32] = [],
        repeatedUint64: [UInt64] = [],
        repeatedSint32: [Int32] = [],
        repeatedSint64: [Int64] = [],
        repeatedFixed32: [UInt32] = [],
        repeatedFixed64: [UInt64] = [],
        repeatedSfixed32: [Int32] = [],
        repeatedSfixed64: [Int64] = [],
        repeatedFloat: [Float] = [],
        repeatedDouble: [Double] = [],
        repeatedBool: [Bool] = [],
        repeatedString: [String] = [],
        repeatedBytes: [[UInt8]] = [],
        repeatedColor: [PBColor] = [],
        repeatedNested: [PBAllTypes.Nested] = [],
        repeatedChild: [PBAllTypes] = [],
        unpackedInt32: [Int32] = [],
        unpackedSint64: [Int64] = [],
        unpackedFixed32: [UInt32] = [],
        unpackedSfixed64: [Int64] = [],
        unpackedDouble: [Double] = [],
        unpackedBool: [Bool] = [],
        unpackedColor: [PBColor] = [],
        mapInt32: WireMap<Int32, Int32> = [:],
        mapInt64: WireMap<Int64, Int64> = [:],
        mapUint32: WireMap<UInt32, UInt32> = [:],
        mapUint64: WireMap<UInt64, UInt64> = [:],
        mapSint32: WireMap<Int32, Int32> = [:],
        mapSint64: WireMap<Int64, Double> = [:],
        mapFixed32: WireMap<UInt32, Float> = [:],
        mapFixed64: WireMap<UInt64, Bool> = [:],
        mapSfixed32: WireMap<Int32, [UInt8]> = [:],
        mapSfixed64: WireMap<Int64, PBColor> = [:],
        mapBool: WireMap<Bool, PBAllTypes.Nested> = [:],
        mapString: WireMap<String, String> = [:],
        mapChild: WireMap<String, PBAllTypes> = [:],
        choice: Choice? = nil,
        between: Int32 = 0,
        self_: Int32 = 0,
        init_: Int32 = 0,
        `default`: Int32 = 0,
        `in`: Int32 = 0,
        reader_: Int32 = 0,
        unknownFields_: Int32 = 0,
        type: PBAllTypes.TypeEnum = .unspecified,
        lastNumber: Int32 = 0
    ) {
        self.int32 = int32
        self.int64 = int64
        self.uint32 = uint32
        self.uint64 = uint64
        self.sint32 = sint32
        self.sint64 = sint64
        self.fixed32 = fixed32
        self.fixed64 = fixed64
        self.sfixed32 = sfixed32
        self.sfixed64 = sfixed64
        self.float = float
        self.double = double
        self.bool = bool
        self.string = string
        self.bytes = bytes
        self.color = color
        self.nested = nested
        self.child = child
        self.optionalInt32 = optionalInt32
        self.optionalSint64 = optionalSint64
        self.optionalFixed64 = optionalFixed64
        self.optionalDouble = optionalDouble
        self.optionalBool = optionalBool
        self.optionalString = optionalString
        self.optionalBytes = optionalBytes
        self.optionalColor = optionalColor
        self.optionalNested = optionalNested
        self.repeatedInt32 = repeatedInt32
        self.repeatedInt64 = repeatedInt64
        self.repeatedUint32 = repeatedUint32
        self.repeatedUint64 = repeatedUint64
        self.repeatedSint32 = repeatedSint32
        self.repeatedSint64 = repeatedSint64
        self.repeatedFixed32 = repeatedFixed32
        self.repeatedFixed64 = repeatedFixed64
        self.repeatedSfixed32 = repeatedSfixed32
        self.repeatedSfixed64 = repeatedSfixed64
        self.repeatedFloat = repeatedFloat
        self.repeatedDouble = repeatedDouble
        self.repeatedBool = repeatedBool
        self.repeatedString = repeatedString
        self.repeatedBytes = repeatedBytes
        self.repeatedColor = repeatedColor
        self.repeatedNested = repeatedNested
        self.repeatedChild = repeatedChild
        self.unpackedInt32 = unpackedInt32
        self.unpackedSint64 = unpackedSint64
        self.unpackedFixed32 = unpackedFixed32
        self.unpackedSfixed64 = unpackedSfixed64
        self.unpackedDouble = unpackedDouble
        self.unpackedBool = unpackedBool
        self.unpackedColor = unpackedColor
        self.mapInt32 = mapInt32
        self.mapInt64 = mapInt64
        self.mapUint32 = mapUint32
        self.mapUint64 = mapUint64
        self.mapSint32 = mapSint32
        self.mapSint64 = mapSint64
        self.mapFixed32 = mapFixed32
        self.mapFixed64 = mapFixed64
        self.mapSfixed32 = mapSfixed32
        self.mapSfixed64 = mapSfixed64
        self.mapBool = mapBool
        self.mapString = mapString
        self.mapChild = mapChild
        self.choice = choice
        self.between = between
        self.self_ = self_
        self.init_ = init_
        self.`default` = `default`
        self.`in` = `in`
        self.reader_ = reader_
        self.unknownFields_ = unknownFields_
        self.type = type
        self.lastNumber = lastNumber
    }

    mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: int32 = try reader.read(WireInt32.self)
            case 16: int64 = try reader.read(WireInt64.self)
            case 24: uint32 = try reader.read(WireUInt32.self)
            case 32: uint64 = try reader.read(WireUInt64.self)
            case 40: sint32 = try reader.read(WireSInt32.self)
            case 48: sint64 = try reader.read(WireSInt64.self)
            case 61: fixed32 = try reader.read(WireFixed32.self)
            case 65: fixed64 = try reader.read(WireFixed64.self)
            case 77: sfixed32 = try reader.read(WireSFixed32.self)
            case 81: sfixed64 = try reader.read(WireSFixed64.self)
            case 93: float = try reader.read(WireFloat.self)
            case 97: double = try reader.read(WireDouble.self)
            case 104: bool = try reader.read(WireBool.self)
            case 114: string = try reader.read(WireString.self)
            case 122: bytes = try reader.read(WireBytes.self)
            case 128: color = try reader.read(WireOpenEnum<PBColor>.self)
            case 138: try reader.merge(&nested)
            case 146:
                var merged = child
                child = nil
                try reader.merge(&merged)
                child = merged
            case 168: optionalInt32 = try reader.read(WireInt32.self)
            case 176: optionalSint64 = try reader.read(WireSInt64.self)
            case 185: optionalFixed64 = try reader.read(WireFixed64.self)
            case 193: optionalDouble = try reader.read(WireDouble.self)
            case 200: optionalBool = try reader.read(WireBool.self)
            case 210: optionalString = try reader.read(WireString.self)
            case 218: optionalBytes = try reader.read(WireBytes.self)
            case 224: optionalColor = try reader.read(WireOpenEnum<PBColor>.self)
            case 234: try reader.merge(&optionalNested)
            case 250: try reader.packed(WireInt32.self, into: &repeatedInt32)
            case 248: repeatedInt32.append(try reader.read(WireInt32.self))
            case 258: try reader.packed(WireInt64.self, into: &repeatedInt64)
            case 256: repeatedInt64.append(try reader.read(WireInt64.self))
            case 266: try reader.packed(WireUInt32.self, into: &repeatedUint32)
            case 264: repeatedUint32.append(try reader.read(WireUInt32.self))
            case 274: try reader.packed(WireUInt64.self, into: &repeatedUint64)
            case 272: repeatedUint64.append(try reader.read(WireUInt64.self))
            case 282: try reader.packed(WireSInt32.self, into: &repeatedSint32)
            case 280: repeatedSint32.append(try reader.read(WireSInt32.self))
            case 290: try reader.packed(WireSInt64.self, into: &repeatedSint64)
            case 288: repeatedSint64.append(try reader.read(WireSInt64.self))
            case 298: try reader.packed(WireFixed32.self, into: &repeatedFixed32)
            case 301: repeatedFixed32.append(try reader.read(WireFixed32.self))
            case 306: try reader.packed(WireFixed64.self, into: &repeatedFixed64)
            case 305: repeatedFixed64.append(try reader.read(WireFixed64.self))
            case 314: try reader.packed(WireSFixed32.self, into: &repeatedSfixed32)
            case 317: repeatedSfixed32.append(try reader.read(WireSFixed32.self))
            case 322: try reader.packed(WireSFixed64.self, into: &repeatedSfixed64)
            case 321: repeatedSfixed64.append(try reader.read(WireSFixed64.self))
            case 330: try reader.packed(WireFloat.self, into: &repeatedFloat)
            case 333: repeatedFloat.append(try reader.read(WireFloat.self))
            case 338: try reader.packed(WireDouble.self, into: &repeatedDouble)
            case 337: repeatedDouble.append(try reader.read(WireDouble.self))
            case 346: try reader.packed(WireBool.self, into: &repeatedBool)
            case 344: repeatedBool.append(try reader.read(WireBool.self))
            case 354: repeatedString.append(try reader.read(WireString.self))
            case 362: repeatedBytes.append(try reader.read(WireBytes.self))
            case 370: try reader.packed(WireOpenEnum<PBColor>.self, into: &repeatedColor)
            case 368: repeatedColor.append(try reader.read(WireOpenEnum<PBColor>.self))
            case 378: repeatedNested.append(try reader.read(WireNested<PBAllTypes.Nested>.self))
            case 386: repeatedChild.append(try reader.read(WireNested<PBAllTypes>.self))
            case 410: try reader.packed(WireInt32.self, into: &unpackedInt32)
            case 408: unpackedInt32.append(try reader.read(WireInt32.self))
            case 418: try reader.packed(WireSInt64.self, into: &unpackedSint64)
            case 416: unpackedSint64.append(try reader.read(WireSInt64.self))
            case 426: try reader.packed(WireFixed32.self, into: &unpackedFixed32)
            case 429: unpackedFixed32.append(try reader.read(WireFixed32.self))
            case 434: try reader.packed(WireSFixed64.self, into: &unpackedSfixed64)
            case 433: unpackedSfixed64.append(try reader.read(WireSFixed64.self))
            case 442: try reader.packed(WireDouble.self, into: &unpackedDouble)
            case 441: unpackedDouble.append(try reader.read(WireDouble.self))
            case 450: try reader.packed(WireBool.self, into: &unpackedBool)
            case 448: unpackedBool.append(try reader.read(WireBool.self))
            case 458: try reader.packed(WireOpenEnum<PBColor>.self, into: &unpackedColor)
            case 456: unpackedColor.append(try reader.read(WireOpenEnum<PBColor>.self))
            case 490:
                try reader.entry(WireInt32.self, WireInt32.self, into: &mapInt32)
            case 498:
                try reader.entry(WireInt64.self, WireSInt64.self, into: &mapInt64)
            case 506:
                try reader.entry(WireUInt32.self, WireFixed32.self, into: &mapUint32)
            case 514:
                try reader.entry(WireUInt64.self, WireFixed64.self, into: &mapUint64)
            case 522:
                try reader.entry(WireSInt32.self, WireSFixed32.self, into: &mapSint32)
            case 530:
                try reader.entry(WireSInt64.self, WireDouble.self, into: &mapSint64)
            case 538:
                try reader.entry(WireFixed32.self, WireFloat.self, into: &mapFixed32)
            case 546:
                try reader.entry(WireFixed64.self, WireBool.self, into: &mapFixed64)
            case 554:
                try reader.entry(WireSFixed32.self, WireBytes.self, into: &mapSfixed32)
            case 562:
                try reader.entry(WireSFixed64.self, WireOpenEnum<PBColor>.self, into: &mapSfixed64)
            case 570:
                try reader.entry(WireBool.self, WireNested<PBAllTypes.Nested>.self, into: &mapBool)
            case 578:
                try reader.entry(WireString.self, WireString.self, into: &mapString)
            case 586:
                try reader.entry(WireString.self, WireNested<PBAllTypes>.self, into: &mapChild)
            case 648: choice = .choiceUint32(try reader.read(WireUInt32.self))
            case 656: choice = .choiceSint64(try reader.read(WireSInt64.self))
            case 666:
                var merged = PBAllTypes.Nested()
                if case .choiceNested(let present) = choice {
                    merged = present
                    choice = nil
                }
                try reader.merge(into: &merged)
                choice = .choiceNested(merged)
            case 672: between = try reader.read(WireInt32.self)
            case 682: choice = .choiceString(try reader.read(WireString.self))
            case 690: choice = .choiceBytes(try reader.read(WireBytes.self))
            case 696: choice = .choiceColor(try reader.read(WireOpenEnum<PBColor>.self))
            case 705: choice = .choiceDouble(try reader.read(WireDouble.self))
            case 714:
                var merged = PBAllTypes()
                if case .choiceChild(let present) = choice {
                    merged = present
                    choice = nil
                }
                try reader.merge(into: &merged)
                choice = .choiceChild(merged)
            case 808: self_ = try reader.read(WireInt32.self)
            case 816: init_ = try reader.read(WireInt32.self)
            case 824: `default` = try reader.read(WireInt32.self)
            case 832: `in` = try reader.read(WireInt32.self)
            case 840: reader_ = try reader.read(WireInt32.self)
            case 848: unknownFields_ = try reader.read(WireInt32.self)
            case 856: type = try reader.read(WireOpenEnum<PBAllTypes.TypeEnum>.self)
            case 4000: choice = .choiceBool(try reader.read(WireBool.self))
            case 4294967288: lastNumber = try reader.read(WireInt32.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireInt32.self, lastNumber, tag: 4294967288)
        switch choice {
        case .choiceBool(let value): writer.put(WireBool.self, value, tag: 4000)
        default: break
        }
        writer.write(WireOpenEnum<PBAllTypes.TypeEnum>.self, type, tag: 856)
        writer.write(WireInt32.self, unknownFields_, tag: 848)
        writer.write(WireInt32.self, reader_, tag: 840)
        writer.write(WireInt32.self, `in`, tag: 832)
        writer.write(WireInt32.self, `default`, tag: 824)
        writer.write(WireInt32.self, init_, tag: 816)
        writer.write(WireInt32.self, self_, tag: 808)
        switch choice {
        case .choiceChild(let value): writer.put(value, tag: 714)
        case .choiceDouble(let value): writer.put(WireDouble.self, value, tag: 705)
        case .choiceColor(let value): writer.put(WireOpenEnum<PBColor>.self, value, tag: 696)
        case .choiceBytes(let value): writer.put(WireBytes.self, value, tag: 690)
        case .choiceString(let value): writer.put(WireString.self, value, tag: 682)
        default: break
        }
        writer.write(WireInt32.self, between, tag: 672)
        switch choice {
        case .choiceNested(let value): writer.put(value, tag: 666)
        case .choiceSint64(let value): writer.put(WireSInt64.self, value, tag: 656)
        case .choiceUint32(let value): writer.put(WireUInt32.self, value, tag: 648)
        default: break
        }
        writer.map(WireString.self, WireNested<PBAllTypes>.self, mapChild, tag: 586)
        writer.map(WireString.self, WireString.self, mapString, tag: 578)
        writer.map(WireBool.self, WireNested<PBAllTypes.Nested>.self, mapBool, tag: 570)
        writer.map(WireSFixed64.self, WireOpenEnum<PBColor>.self, mapSfixed64, tag: 562)
        writer.map(WireSFixed32.self, WireBytes.self, mapSfixed32, tag: 554)
        writer.map(WireFixed64.self, WireBool.self, mapFixed64, tag: 546)
        writer.map(WireFixed32.self, WireFloat.self, mapFixed32, tag: 538)
        writer.map(WireSInt64.self, WireDouble.self, mapSint64, tag: 530)
        writer.map(WireSInt32.self, WireSFixed32.self, mapSint32, tag: 522)
        writer.map(WireUInt64.self, WireFixed64.self, mapUint64, tag: 514)
        writer.map(WireUInt32.self, WireFixed32.self, mapUint32, tag: 506)
        writer.map(WireInt64.self, WireSInt64.self, mapInt64, tag: 498)
        writer.map(WireInt32.self, WireInt32.self, mapInt32, tag: 490)
        writer.repeated(WireOpenEnum<PBColor>.self, unpackedColor, tag: 456)
        writer.repeated(WireBool.self, unpackedBool, tag: 448)
        writer.repeated(WireDouble.self, unpackedDouble, tag: 441)
        writer.repeated(WireSFixed64.self, unpackedSfixed64, tag: 433)
        writer.repeated(WireFixed32.self, unpackedFixed32, tag: 429)
        writer.repeated(WireSInt64.self, unpackedSint64, tag: 416)
        writer.repeated(WireInt32.self, unpackedInt32, tag: 408)
        writer.repeated(WireNested<PBAllTypes>.self, repeatedChild, tag: 386)
        writer.repeated(WireNested<PBAllTypes.Nested>.self, repeatedNested, tag: 378)
        writer.packed(WireOpenEnum<PBColor>.self, repeatedColor, tag: 370)
        writer.repeated(WireBytes.self, repeatedBytes, tag: 362)
        writer.repeated(WireString.self, repeatedString, tag: 354)
        writer.packed(WireBool.self, repeatedBool, tag: 346)
        writer.packed(WireDouble.self, repeatedDouble, tag: 338)
        writer.packed(WireFloat.self, repeatedFloat, tag: 330)
        writer.packed(WireSFixed64.self, repeatedSfixed64, tag: 322)
        writer.packed(WireSFixed32.self, repeatedSfixed32, tag: 314)
        writer.packed(WireFixed64.self, repeatedFixed64, tag: 306)
        writer.packed(WireFixed32.self, repeatedFixed32, tag: 298)
        writer.packed(WireSInt64.self, repeatedSint64, tag: 290)
        writer.packed(WireSInt32.self, repeatedSint32, tag: 282)
        writer.packed(WireUInt64.self, repeatedUint64, tag: 274)
        writer.packed(WireUInt32.self, repeatedUint32, tag: 266)
        writer.packed(WireInt64.self, repeatedInt64, tag: 258)
        writer.packed(WireInt32.self, repeatedInt32, tag: 250)
        if let optionalNested { writer.put(optionalNested, tag: 234) }
        if let optionalColor { writer.put(WireOpenEnum<PBColor>.self, optionalColor, tag: 224) }
        if let optionalBytes { writer.put(WireBytes.self, optionalBytes, tag: 218) }
        if let optionalString { writer.put(WireString.self, optionalString, tag: 210) }
        if let optionalBool { writer.put(WireBool.self, optionalBool, tag: 200) }
        if let optionalDouble { writer.put(WireDouble.self, optionalDouble, tag: 193) }
        if let optionalFixed64 { writer.put(WireFixed64.self, optionalFixed64, tag: 185) }
        if let optionalSint64 { writer.put(WireSInt64.self, optionalSint64, tag: 176) }
        if let optionalInt32 { writer.put(WireInt32.self, optionalInt32, tag: 168) }
        if let child { writer.put(child, tag: 146) }
        if let nested { writer.put(nested, tag: 138) }
        writer.write(WireOpenEnum<PBColor>.self, color, tag: 128)
        writer.write(WireBytes.self, bytes, tag: 122)
        writer.write(WireString.self, string, tag: 114)
        writer.write(WireBool.self, bool, tag: 104)
        writer.write(WireDouble.self, double, tag: 97)
        writer.write(WireFloat.self, float, tag: 93)
        writer.write(WireSFixed64.self, sfixed64, tag: 81)
        writer.write(WireSFixed32.self, sfixed32, tag: 77)
        writer.write(WireFixed64.self, fixed64, tag: 65)
        writer.write(WireFixed32.self, fixed32, tag: 61)
        writer.write(WireSInt64.self, sint64, tag: 48)
        writer.write(WireSInt32.self, sint32, tag: 40)
        writer.write(WireUInt64.self, uint64, tag: 32)
        writer.write(WireUInt32.self, uint32, tag: 24)
        writer.write(WireInt64.self, int64, tag: 16)
        writer.write(WireInt32.self, int32, tag: 8)
    }
}

struct PBPair: WireMessage {
    static let protoName = "madang.test.Pair"

    var left: PBAllTypes.Nested? {
        get { boxedLeft?.value }
        set { boxedLeft = newValue.map { WireBox($0) } }
    }
    private var boxedLeft: WireBox<PBAllTypes.Nested>?
    var right: PBAllTypes.Nested? {
        get { boxedRight?.value }
        set { boxedRight = newValue.map { WireBox($0) } }
    }
    private var boxedRight: WireBox<PBAllTypes.Nested>?
    var unknownFields = WireUnknownFields()

    init() {}

    init(left: PBAllTypes.Nested? = nil, right: PBAllTypes.Nested? = nil) {
        self.left = left
        self.right = right
    }

    mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var merged = left
                left = nil
                try reader.merge(&merged)
                left = merged
            case 18:
                var merged = right
                right = nil
                try reader.merge(&merged)
                right = merged
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        if let right { writer.put(right, tag: 18) }
        if let left { writer.put(left, tag: 10) }
    }
}

struct PBEmpty: WireMessage {
    static let protoName = "madang.test.Empty"

    var unknownFields = WireUnknownFields()

    init() {}

    mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            try reader.keep(tag, in: &unknownFields)
        }
    }

    func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
    }
}
