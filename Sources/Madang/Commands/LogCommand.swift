import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel

/// `madang log verify|show`: a run's log, read without its tables and without opening it.
enum LogCommand {
    // MARK: verify

    private struct Verdict: Encodable {
        struct Damage: Encodable {
            var file: String
            var offset: Int
            var record: UInt64
            var what: String
        }
        struct Torn: Encodable {
            var file: String
            var offset: Int
            var record: UInt64
            var bytes: Int
        }
        var run: String
        var folder: String
        /// `whole`, `torn`: a crash cut the end, nothing acknowledged is lost; `damaged`.
        var state: String
        var records: Int
        var segments: Int
        var bytes: Int
        var closed: Bool
        var ownerProcess: Int32?
        var damage: Damage?
        var torn: Torn?

        init(_ run: String, _ folder: String, _ seen: LogVerification) {
            self.run = run
            self.folder = folder
            state = seen.damage != nil ? "damaged" : seen.torn != nil ? "torn" : "whole"
            records = seen.records
            segments = seen.segments.count
            bytes = seen.segments.reduce(0) { $0 + $1.bytes }
            closed = seen.wasClosed
            ownerProcess = seen.owner
            damage = seen.damage.map {
                Damage(file: $0.file, offset: $0.offset, record: $0.record, what: $0.what)
            }
            torn = seen.torn.map {
                Torn(file: $0.file, offset: $0.offset, record: $0.firstLost, bytes: $0.bytes)
            }
        }

        var lines: [String] {
            var lines = [
                "run \(run): \(counted(records, "record")) in \(counted(segments, "segment")),"
                    + " \(grouped("\(bytes)")) bytes: \(state)"
                    + (closed && state == "whole" ? ", closed in order" : "")
            ]
            if let damage {
                lines.append(
                    "  \(damage.file):\(damage.offset): record \(damage.record): \(damage.what)")
                lines.append(
                    "  keep a copy of the folder, check the disk, and restore a backup:"
                        + " madang store restore")
            }
            if let torn {
                lines.append(
                    "  \(torn.file):\(torn.offset): record \(torn.record) was cut short,"
                        + " \(counted(torn.bytes, "byte")): nothing acknowledged is lost;"
                        + " the next start sets them aside")
                if let ownerProcess {
                    lines.append(
                        "  process \(ownerProcess) has the log: it may be in the middle of a write")
                }
            }
            return lines
        }
    }

    static func verify(_ command: CommandInvocation) throws -> ExitCode {
        let place = try LogPlace(command)
        let runs =
            command.has(CommandLineShape.allRuns) ? try place.every() : [try place.chosen()]
        var isGood = true
        for run in runs {
            let folder = place.log(of: run)
            let verdict: Verdict
            do throws(StoreError) {
                let seen = try LogVerification(folder) { number, bytes in
                    do {
                        _ = try RecordPortrait(number, Array(bytes), RecordNames())
                        return nil
                    } catch { return "the record is whole, but cannot be read: \(error)" }
                }
                verdict = Verdict(run, folder, seen)
            } catch {
                throw RunError(.store, "\(error)")
            }
            isGood = isGood && verdict.damage == nil
            if command.has(CommandLineShape.json) {
                StandardOutput.write(line: try JSONEncoder.line(verdict))
            } else {
                verdict.lines.forEach { StandardOutput.write(line: $0) }
            }
        }
        return isGood ? .good : .store
    }

    // MARK: show

    private struct Shown: Encodable {
        struct Line: Encodable {
            var kind: String
            var order: UInt64?
            var account, symbol, source: String?
            var text: String
        }
        var record: UInt64
        var kind: String
        var firstStep, lastStep: UInt64?
        var entryNs: Int64?
        var text: String?
        var lines: [Line]

        init(_ portrait: RecordPortrait) {
            record = portrait.number
            kind = portrait.kind.rawValue
            firstStep = portrait.steps?.lowerBound
            lastStep = portrait.steps?.upperBound
            entryNs = portrait.entry?.nanoseconds
            text = portrait.text.isEmpty ? nil : portrait.text
            func word(_ text: String) -> String? { text.isEmpty ? nil : text }
            lines = portrait.lines.map {
                Line(
                    kind: $0.kind, order: $0.order?.value, account: word($0.account),
                    symbol: word($0.symbol), source: word($0.source), text: $0.text)
            }
        }
    }

    static func show(_ command: CommandInvocation) throws {
        let place = try LogPlace(command)
        let filter = try LogFilter(command)
        let run = try place.chosen()
        let asJSON = command.has(CommandLineShape.json)
        do {
            let log = try LogView(place.log(of: run))
            if !asJSON {
                StandardOutput.write(
                    line: "run \(run)   \(counted(Int(clamping: log.last), "record"))"
                        + "   times in \(place.time.name)")
            }
            var left = filter.limit
            var clock = EntryClock()
            // A start in front of what is shown says what the clock of a paced run means.
            try log.forEach(from: place.isPaced && !asJSON ? 1 : filter.first) { number, bytes in
                var record = try RecordPortrait(number, bytes, place.names)
                if place.isPaced, !asJSON { record.entry = clock.instant(of: record) }
                guard number >= filter.first, let portrait = filter.kept(record)
                else { return true }
                guard left > 0 else { return false }
                left -= 1
                if asJSON {
                    StandardOutput.write(line: try JSONEncoder.line(Shown(portrait)))
                } else {
                    text(of: portrait, place.time).forEach { StandardOutput.write(line: $0) }
                }
                return true
            }
            if let torn = log.recovery.tornTail, !asJSON {
                StandardOutput.write(
                    line: "the rest was cut short by a crash: \(torn.file):\(torn.offset)")
            }
        } catch let error as StoreError {
            throw RunError(.store, "\(error)")
        } catch let error as RunError {
            throw error
        } catch {
            throw RunError(
                .store,
                "\(place.log(of: run)): a record cannot be read: \(error)"
                    + "\n  use the program that wrote it; madang log verify says which record")
        }
    }

    /// Its time as `madang why SYMBOL@TIME` takes it.
    private static func text(of record: RecordPortrait, _ time: ZonedTime) -> [String] {
        let steps = record.steps.map {
            $0.count == 1 ? "  step \($0.lowerBound)" : "  steps \($0.lowerBound)-\($0.upperBound)"
        }
        let entry = record.entry.map { "  " + time.text($0) }
        let head =
            "\(record.number)  \(record.kind.rawValue)\(steps ?? "")\(entry ?? "")"
            + (record.text.isEmpty ? "" : "  \(record.text)")
        return [head]
            + record.lines.map { line in
                "    \(line.kind)" + (line.order.map { " \($0)" } ?? "") + "  \(line.text)"
            }
    }
}

/// Which records are shown, and what of them.
struct LogFilter {
    var kinds: Set<String> = []
    var order: OrderNumber?
    var first: UInt64 = 1
    var limit = Int.max

    /// - Throws: ``UsageError`` naming the kinds that there are.
    init(_ command: CommandInvocation) throws {
        let known = RecordPortrait.Kind.allCases.map(\.rawValue) + RecordPortrait.lineKinds
        kinds = Set(command.values(of: CommandLineShape.recordKind))
        if let strange = kinds.subtracting(known).sorted().first {
            throw RunError(
                .usage,
                "--kind: '\(strange)' is no kind of record\n  kinds: \(known.joined(separator: ", "))"
            )
        }
        if let text = command.value(of: CommandLineShape.ofOrder) {
            order = OrderNumber(try Self.number(text, CommandLineShape.ofOrder.name))
        }
        if let text = command.value(of: CommandLineShape.fromRecord) {
            first = try Self.number(text, CommandLineShape.fromRecord.name)
        }
        if let text = command.value(of: CommandLineShape.limit) {
            limit = Int(clamping: try Self.number(text, CommandLineShape.limit.name))
        }
    }

    private static func number(_ text: String, _ option: String) throws -> UInt64 {
        guard let number = UInt64(text), number > 0 else {
            throw RunError(.usage, "--\(option): '\(text)' is no number from 1")
        }
        return number
    }

    /// What is left of a record; `nil`: nothing.
    func kept(_ record: RecordPortrait) -> RecordPortrait? {
        var record = record
        if let order {
            // What led to the order stands in the record that made it.
            let made = record.lines.first { $0.kind == "order" && $0.order == order }
            record.lines.removeAll { line in
                guard line.order != order else { return false }
                guard let made, line.order == nil else { return true }
                return line.account != made.account || line.symbol != made.symbol
            }
            guard !record.lines.isEmpty else { return nil }
        }
        guard !kinds.isEmpty, !kinds.contains(record.kind.rawValue) else { return record }
        record.lines.removeAll { !kinds.contains($0.kind) }
        return record.lines.isEmpty ? nil : record
    }
}
