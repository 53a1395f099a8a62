import Foundation
import Ports
import TradingModel

/// Turns rows of a scanner's list into candidates, each looked at alone and against those before it.
struct CandidateRows {
    private typealias Field = CandidateFile.Field
    private let file: CandidateFile
    private var times: TimeReader
    private(set) var candidates: [Candidate] = []
    private(set) var unknown: [String] = []
    private var unknownSeen: Set<String> = []
    /// The line of each symbol at the time that was read last.
    private var lines: [InstrumentID: Int] = [:]
    private var lastTime = Timestamp(nanoseconds: .min)
    private var lastLine = 0
    private var line = 0

    init(_ file: CandidateFile, _ zone: ZoneClock) {
        self.file = file
        times = TimeReader(file.timeFormat, zone: zone)
    }

    private func name(_ field: Field) -> String { file.names[field] ?? field.rawValue }

    // MARK: Forms

    mutating func take(
        csv bytes: [UInt8], resolve: (String) -> InstrumentID?
    ) throws(FeedError) {
        let table = try CSVTable(HeldBytes(bytes), path: file.path)
        var places: [Field: Int] = [:]
        for field in Field.allCases {
            places[field] = table.header.firstIndex(of: name(field))
            guard places[field] == nil, field.isNeeded || file.names[field] != nil else { continue }
            throw FeedError(
                "there is no column '\(name(field))'", at: "\(file.path):1",
                advice: "name it: columns: { \(field.rawValue): COLUMN }; the file has "
                    + table.header.joined(separator: ", "))
        }
        while let row = try table.next() {
            line = table.line
            func cell(_ field: Field) -> String { places[field].map { row[$0] } ?? "" }
            try take(
                Row(
                    time: cell(.time), symbol: cell(.symbol), score: cell(.score),
                    side: cell(.side),
                    reasons: cell(.reasons).split(separator: ";").map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }.filter { !$0.isEmpty }), resolve)
        }
    }

    mutating func take(
        jsonl bytes: [UInt8], resolve: (String) -> InstrumentID?
    ) throws(FeedError) {
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            guard text.contains(where: { $0 > 32 }) else { continue }
            let object: [String: JSONValue]
            do {
                object = try JSONDecoder().decode([String: JSONValue].self, from: Data(text))
            } catch {
                throw failure(
                    "the line is no JSON object of texts and numbers",
                    "write one object a line: {\"time\":\"2026-11-20T15:36:00+09:00\",\"symbol\":\"005930\",\"score\":8.2}"
                )
            }
            try take(try row(object), resolve)
        }
    }

    private func row(_ object: [String: JSONValue]) throws(FeedError) -> Row {
        for field in Field.allCases where object[name(field)] == nil {
            guard field.isNeeded || file.names[field] != nil else { continue }
            throw failure(
                "there is no member '\(name(field))'",
                "name it: columns: { \(field.rawValue): MEMBER }")
        }
        func text(_ field: Field) -> String { object[name(field)]?.text ?? "" }
        return Row(
            time: text(.time), symbol: text(.symbol), score: text(.score), side: text(.side),
            reasons: object[name(.reasons)]?.list ?? [])
    }

    // MARK: Rows

    private struct Row {
        var time, symbol, score, side: String
        var reasons: [String]
    }

    private mutating func take(
        _ row: Row, _ resolve: (String) -> InstrumentID?
    ) throws(FeedError) {
        let time = try time(of: row)
        let score = try score(of: row)
        let action = try action(of: row)
        if time < lastTime {
            throw failure(
                "its time is before that of line \(lastLine)",
                "sort the list by time: what was known when has to be beyond doubt")
        }
        guard row.reasons.count <= 16, row.reasons.allSatisfy({ $0.utf8.count <= 256 }) else {
            throw failure(
                "it has more than 16 reasons, or one of more than 256 bytes", "say it shorter",
                .reasons)
        }
        if time > lastTime { lines.removeAll(keepingCapacity: true) }
        (lastTime, lastLine) = (time, line)
        guard let instrument = resolve(row.symbol) else { return try leave(row.symbol) }
        if let before = lines.updateValue(line, forKey: instrument) {
            throw failure(
                "'\(row.symbol)' is in the list at this time already, in line \(before)",
                "keep one score for each share and time")
        }
        candidates.append(
            Candidate(
                time: time, instrument: instrument, score: score, action: action,
                reasons: row.reasons))
    }

    private mutating func leave(_ symbol: String) throws(FeedError) {
        guard file.unknownSymbols == .skip else {
            throw failure(
                "'\(symbol)' is not among the instruments",
                "add it to instruments, or set unknown_symbols: skip", .symbol)
        }
        if unknownSeen.insert(symbol).inserted { unknown.append(symbol) }
    }

    private mutating func time(of row: Row) throws(FeedError) -> Timestamp {
        var text = row.time
        if let timeOfDay = file.timeOfDay {
            guard text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: "-") }) else {
                throw failure(
                    "'\(text)' is no date alone, and at says the time of the day",
                    "leave at out, or give dates such as 2026-11-20", .time)
            }
            text += "T" + timeOfDay
        }
        let bytes = Array(text.utf8)
        guard let time = bytes.withUnsafeBufferPointer({ times.read($0) }) else {
            throw failure(
                "'\(row.time)' is no time",
                file.timeFormat == .iso
                    ? "write it as 2026-11-20T15:36:00+09:00, or say its time: { unit: … }"
                    : "the list's time: { unit: … } says a count since 1970", .time)
        }
        return Timestamp(nanoseconds: time)
    }

    private func score(of row: Row) throws(FeedError) -> Int64 {
        guard
            let score = parseDecimal(row.score.utf8, scale: 6).flatMap({ Int64(exactly: $0) }),
            score.magnitude <= UInt64(CandidateFile.largestScore) * 1_000_000
        else {
            throw failure(
                "'\(row.score)' is no score",
                "a number with up to six decimals, such as 8.25, up to a billion either way",
                .score)
        }
        return score
    }

    private func action(of row: Row) throws(FeedError) -> Action? {
        switch row.side.lowercased() {
        case "": return nil
        case "buy": return .buy
        case "sell": return .sell
        case "alert": return .alert
        default:
            throw failure(
                "'\(row.side)' is no side", "buy, sell or alert; empty: as then says", .side)
        }
    }

    private func failure(
        _ what: String, _ advice: String, _ field: Field? = nil
    ) -> FeedError {
        let place = field.map { ": column '\(name($0))'" } ?? ""
        return FeedError(what, at: "\(file.path):\(line)\(place)", advice: advice)
    }
}

/// A text, a number, or a list of texts; a number keeps the digits that it needs.
private enum JSONValue: Decodable {
    case one(String)
    case many([String])
    /// Of no use here: true, null, an object.
    case other

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .one(text)
        } else if let whole = try? value.decode(Int64.self) {
            self = .one("\(whole)")
        } else if let number = try? value.decode(Double.self) {
            self = .one("\(number)")
        } else if let texts = try? value.decode([String].self) {
            self = .many(texts)
        } else {
            self = .other
        }
    }

    var text: String { if case .one(let text) = self { text } else { "" } }
    var list: [String] {
        switch self {
        case .one(let text): text.isEmpty ? [] : [text]
        case .many(let texts): texts
        case .other: []
        }
    }
}
