import Foundation
import Platform
import Ports
import TradingModel

/// Tells a run as lines: for people, or one JSON object a line for programs.
final class LinePrinter: RunObserver {
    enum Form: Sendable { case lines, json, quiet, quietJSON }
    private let form: Form
    /// `nil`: no colours.
    private let terminal: Terminal?
    private let output: @Sendable (String) -> Void
    private let complaints: @Sendable (String) -> Void

    /// - Parameters:
    ///   - zone: Of the times shown.
    ///   - complaints: Takes warnings where the summary alone is wanted.
    ///   - output: Takes a line without its end.
    init(
        _ form: Form, terminal: Terminal?, zone: ZoneOffsets,
        complaints: @escaping @Sendable (String) -> Void = { _ in },
        output: @escaping @Sendable (String) -> Void
    ) {
        self.form = form
        self.terminal = terminal
        self.output = output
        self.complaints = complaints
        self.zone = zone
    }
    private let zone: ZoneOffsets

    func started(_ start: RunStart) {
        let from = start.resumedAt == 0 ? "" : ", going on behind step \(grouped(start.resumedAt))"
        switch form {
        case .quiet, .quietJSON: break
        case .lines: output("run \(start.run)  \(start.mode)\(from)  \(start.folder)")
        case .json:
            emit(
                [
                    ("event", .text("started")), ("run", .text(start.run)),
                    ("mode", .text(start.mode)),
                    ("resumed_at", .number(Int64(clamping: start.resumedAt))),
                ])
        }
    }

    func notice(_ notice: RunNotice) {
        switch form {
        case .quiet, .quietJSON:
            guard [.warning, .kill].contains(notice.kind), !notice.isRepeated else { return }
            complaints("\(notice.kind): \(printable(notice.text))")
        case .lines: if !notice.isRepeated { output(line(notice)) }
        case .json:
            emit(
                [
                    ("event", .text(notice.kind.rawValue)),
                    ("time", notice.time == .zero ? .nothing : .text(iso(notice.time))),
                    ("source", .text(notice.source)), ("symbol", .text(notice.symbol)),
                    ("text", .text(notice.text)),
                ] + members(of: notice.figure))
        }
    }

    func finished(_ summary: RunSummary) {
        if form == .json || form == .quietJSON, let data = try? JSONEncoder.stable.encode(summary) {
            output(
                "{\"event\":\"finished\",\"summary\":" + String(decoding: data, as: UTF8.self) + "}"
            )
        }
    }

    // MARK: Lines

    private func line(_ notice: RunNotice) -> String {
        let time = notice.time == .zero ? String(repeating: " ", count: 19) : local(notice.time)
        return
            "\(paint(time, .dim))  \(paint(pad(notice.kind.rawValue, 8), Self.style(notice.kind))) \(printable(notice.text))"
    }
    static func style(_ kind: RunNotice.Kind) -> Terminal.Style {
        switch kind {
        case .fill: .green
        case .order: .cyan
        case .conflict, .risk, .warning: .yellow
        case .change: .cyan
        case .kill: .red
        case .alert, .message: .bold
        case .server: .blue
        case .signal, .vote, .day: .dim
        }
    }
    private func paint(_ text: String, _ style: Terminal.Style) -> String {
        terminal?.styled(text, style) ?? text
    }
    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
    private func grouped(_ number: UInt64) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// `2026-11-20 10:31:07`, in the zone of the first account.
    private func local(_ time: Timestamp) -> String {
        CivilTime(time.advanced(by: zone.offset(at: time))).text(separator: " ")
    }
    private func iso(_ time: Timestamp) -> String { CivilTime(time).text(separator: "T") + "Z" }

    // MARK: JSON

    /// As `madang ledger` and `madang orders` call them.
    private func members(of figure: RunNotice.Figure?) -> [(String, Value)] {
        switch figure {
        case .result(let action, let confidence, let isLate):
            return [
                ("action", .text("\(action)")),
                ("confidence_millionths", .number(Int64(confidence.millionths))),
                ("late", .truth(isLate)),
            ]
        case .trade(let trade):
            var members: [(String, Value)] = [
                ("order", .number(Int64(clamping: trade.order.value))),
                ("account", .text(trade.account)),
                ("side", .text("\(trade.side)")), ("quantity", .text("\(trade.quantity)")),
            ]
            if let price = trade.price {
                members.append((trade.booked == nil ? "limit" : "price", .text("\(price)")))
            }
            if let booked = trade.booked {
                members += [
                    ("fee", .text("\(booked.fee)")),
                    ("tax", booked.tax.map { .text("\($0)") } ?? .nothing),
                    ("realised", .text("\(booked.realised)")),
                    ("position_after", .text("\(booked.positionAfter)")),
                ]
            }
            return members
        case .state, nil: return []
        }
    }

    private enum Value { case text(String), number(Int64), truth(Bool), nothing }
    private func emit(_ members: [(String, Value)]) {
        let body = members.map { name, value in
            switch value {
            case .text(let text): "\"\(name)\":\(jsonText(text))"
            case .number(let number): "\"\(name)\":\(number)"
            case .truth(let isTrue): "\"\(name)\":\(isTrue)"
            case .nothing: "\"\(name)\":null"
            }
        }
        output("{" + body.joined(separator: ",") + "}")
    }
}

/// A date and time of day in no zone. Gregorian, by integer arithmetic.
///
/// Source: Howard Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`.
struct CivilTime {
    let year: Int64
    let month: Int64
    let day: Int64
    let secondOfDay: Int64

    init(_ local: Timestamp) {
        let days = floorDivide(local.nanoseconds, nanosecondsPerDay)
        // The day of the first number there is begins before it.
        let rest = local.nanoseconds % nanosecondsPerDay
        secondOfDay = (rest < 0 ? rest + nanosecondsPerDay : rest) / 1_000_000_000
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    func text(separator: String) -> String {
        func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(year)-\(two(month))-\(two(day))\(separator)\(two(secondOfDay / 3_600)):"
            + "\(two(secondOfDay / 60 % 60)):\(two(secondOfDay % 60))"
    }
}

extension JSONEncoder {
    /// Keys sorted, so that equal summaries are equal texts.
    static var stable: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
