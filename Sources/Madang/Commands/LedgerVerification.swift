import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel
import Vault

/// `madang ledger verify`: the ledger of the tables, held against its own chain and against the log.
enum LedgerVerification {
    struct Answer: Encodable {
        struct Difference: Encodable {
            var row: Int64
            var column: String?
            var tables: String?
            var byTheLog: String?
            var order: UInt64
            var record: UInt64
        }
        struct Known: Encodable {
            var hash: String
            /// `nil`: no row has it.
            var row: Int64?
        }
        var run: String
        var store: String
        var rows: Int
        var byTheLog: Int
        var records: UInt64
        var applied: UInt64
        var hash: String
        var alike: Bool
        var difference: Difference?
        var chainBrokenAt: Int64?
        /// Where the log says that it ended with another ledger than its fills come to.
        var endedWith: String?
        var known: Known?
    }

    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let known = try known(command)
        let place = try StorePlace(command, isAtRest: false)
        // Tables are behind their log, never before it: so they are read first, beside a host at work.
        let (here, applied) = try place.read { (store, applied) in (try store.ledger(), applied) }
        let reading = try place.ledger()
        // How far they are is what their rows say as well: a number alone would hide rows from the comparison. One of
        // a record that the log has not got is none of its.
        let reached = here.lazy.map(\.record).filter { $0 <= reading.records }.max() ?? 0
        let there = reading.rows.filter { $0.record <= max(applied, reached) }
        let found = LedgerComparison(here, there, digest: OpenSSLDigest())
        var answer = Answer(
            run: place.run, store: place.address.place, rows: here.count, byTheLog: there.count,
            records: reading.records, applied: applied, hash: here.last?.hash ?? Ledger.begin,
            alike: false, difference: found.difference.map(Answer.Difference.init),
            chainBrokenAt: found.brokenAt,
            endedWith: reading.end.flatMap { $0 == reading.hash ? nil : $0 })
        answer.known = known.map { hash in
            .init(hash: hash, row: reading.rows.first { $0.hash.hasPrefix(hash) }?.line)
        }
        answer.alike =
            answer.difference == nil && answer.chainBrokenAt == nil && answer.endedWith == nil
            && answer.known.map { $0.row != nil } != false
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: try JSONEncoder.line(answer))
        } else {
            words(answer, reading.hash).forEach { StandardOutput.write(line: $0) }
        }
        return answer.alike ? .good : .store
    }

    /// What somebody kept: the first digits are enough.
    private static func known(_ command: CommandInvocation) throws(RunError) -> String? {
        guard let text = command.value(of: CommandLineShape.knownHash)?.lowercased() else {
            return nil
        }
        guard (16...64).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isHexDigit })
        else {
            throw RunError(
                .usage,
                "--hash: '\(text)' is no hash of a ledger"
                    + "\n  give 16 to 64 of its hex digits, as madang ledger and summaries show them"
            )
        }
        return text
    }

    private static func words(_ answer: Answer, _ logged: String) -> [String] {
        var lines = [
            "run \(answer.run)   tables at record \(answer.applied) of \(answer.records)",
            "ledger: \(counted(answer.rows, "row")) in the tables, \(answer.byTheLog) by the log",
        ]
        if let one = answer.difference { lines += words(one) }
        if let row = answer.chainBrokenAt {
            lines.append(
                "the chain breaks at row \(row): its hash is not that of its columns behind row \(row - 1)"
            )
        } else {
            lines.append("the chain is whole: \(answer.hash)")
        }
        if let end = answer.endedWith {
            lines += [
                "the log says that its ledger ended with \(end), its fills come to \(logged)",
                "  keep the folder for a report: log and program do not belong together",
            ]
        }
        if let known = answer.known {
            lines.append(
                known.row.map { "\(known.hash) is the hash of row \($0)" }
                    ?? "\(known.hash) is the hash of no row: what you kept was another ledger's, or this one was made anew"
            )
        }
        if answer.alike { lines.append("tables, chain and log agree") }
        return lines
    }

    private static func words(_ one: Answer.Difference) -> [String] {
        let what =
            switch (one.tables, one.byTheLog) {
            case (let here?, let there?):
                "differs in \(one.column ?? ""): \(here) in the tables, \(there) by the log"
            case (nil, _): "is missing in the tables"
            case (_, nil): "is in the tables, and not in the log"
            }
        return [
            "row \(one.row) \(what)", "  order \(one.order), record \(one.record)",
            "  make the tables anew from the log: madang store rebuild",
        ]
    }
}

extension LedgerVerification.Answer.Difference {
    init(_ found: LedgerComparison.Difference) {
        self.init(
            row: found.line, column: found.column.isEmpty ? nil : found.column,
            tables: found.here, byTheLog: found.there, order: found.row.order.value,
            record: found.row.record)
    }
}
