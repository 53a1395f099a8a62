import CLinux
import Glibc

/// Ends programs of an earlier host that has gone without them, and tells which.
///
/// They are found by their records. One is ended only where number and start time are those of the
/// record, in the same start of the machine: whoever has got its number since is never touched. Only
/// the one host that owns the folder may do it.
package struct Leftovers: Sendable {
    package struct Found: Hashable, Sendable, CustomStringConvertible {
        package enum End: Hashable, Sendable {
            case asked, killed
            /// With the reason.
            case stays(String)
        }
        /// The record's name without its ending.
        package let name: String
        package let id: Int32
        package let command: String
        package let end: End

        package var description: String {
            let what = "\(name): a process of an earlier start still ran (\(id), \(command))"
            return switch end {
            case .asked: "\(what): ended"
            case .killed: "\(what): killed, it did not end when it was asked to"
            case .stays(let reason):
                "\(what) and cannot be ended: \(reason)\n  end it by hand: kill -9 \(id)"
            }
        }
    }

    private let folder: String
    package static let ending = ".process"

    /// - Parameter folder: Of the records. It need not be there.
    package init(folder: String) { self.folder = folder }

    /// Asks them to end, kills after the grace those that do not, and removes their records.
    ///
    /// - Parameter grace: ns.
    package func end(grace: Int64 = 2_000_000_000) async -> [Found] {
        await withCheckedContinuation { continuation in
            HostThread.start(named: "leftovers") {
                continuation.resume(returning: endAndWait(grace: grace))
            }
        }
    }

    private func endAndWait(grace: Int64) -> [Found] {
        let table = ProcessTable()
        guard let boot = table.bootID() else { return [] }
        var found: [Found] = []
        for name in names() {
            let path = "\(folder)/\(name)"
            let record = ProcessRecord(at: path)
            var end: Found.End?
            if let record, record.boot == boot { end = self.end(record, grace, table) }
            if let record, let end {
                found.append(
                    Found(
                        name: String(name.dropLast(Self.ending.count)), id: record.program.id,
                        command: record.command, end: end))
            }
            if case .stays = end { continue }
            unlink(path)
        }
        return found
    }

    private func names() -> [String] {
        guard let list = opendir(folder) else { return [] }
        defer { closedir(list) }
        var names: [String] = []
        while let entry = readdir(list) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(Self.ending) { names.append(name) }
        }
        return names.sorted()
    }

    /// - Returns: `nil` when nobody of it is there any more.
    private func end(
        _ record: ProcessRecord, _ grace: Int64, _ table: ProcessTable
    ) -> Found.End? {
        guard var family = family(of: record, in: table.entries()) else { return nil }
        let clock = HostClock()
        var refusal = signal(family, SIGTERM, table)
        _ = signal(family, SIGCONT, table)
        wait(for: family, until: clock.monotonic() + max(0, grace), table, clock)
        family.see(others(table.entries(), than: record), except: record.warden.id)
        guard !family.members.isEmpty else { return .asked }
        // Those that it started meanwhile are killed in the next round.
        for _ in 0..<10 where !family.members.isEmpty {
            refusal = signal(family, SIGKILL, table)
            wait(for: family, until: clock.monotonic() + 500_000_000, table, clock)
            family.see(others(table.entries(), than: record), except: record.warden.id)
        }
        if family.members.isEmpty { return .killed }
        return .stays(refusal == 0 ? "the system does not let it go" : systemMessage(refusal))
    }

    /// Whom the record means, and who belongs to them now.
    ///
    /// The warden itself is left: it ends its group in a moment, and then itself.
    private func family(of record: ProcessRecord, in entries: [ProcessEntry]) -> ProcessFamily? {
        let program = entries.first { $0.identity == record.program && !$0.hasEnded }
        let warden = entries.first { $0.identity == record.warden && !$0.hasEnded }
        // A group is known by who is in it: its number alone might be another's by now.
        var groups: Set<Int32> = []
        if let warden { groups.insert(warden.group) }
        if let program, program.group == record.warden.id || program.group == program.id {
            groups.insert(program.group)
        }
        var family = ProcessFamily([program?.identity].compactMap { $0 }, groups: groups)
        family.see(others(entries, than: record), except: record.warden.id)
        return family.members.isEmpty ? nil : family
    }

    /// Without the warden's own children, this host, and those that are dead already.
    private func others(_ entries: [ProcessEntry], than record: ProcessRecord) -> [ProcessEntry] {
        entries.filter { $0.parent != record.warden.id && $0.id != getpid() && !$0.hasEnded }
    }

    /// - Returns: 0, or why one could not be told, as `errno`.
    private func signal(_ family: ProcessFamily, _ signal: CInt, _ table: ProcessTable)
        -> CInt
    {
        var refusal: CInt = 0
        for member in family.identities {
            let result = ProcessHold(member, in: table)?.send(signal) ?? 0
            if result != 0, result != ESRCH { refusal = result }
        }
        return refusal
    }

    private func wait(
        for family: ProcessFamily, until deadline: Int64, _ table: ProcessTable, _ clock: HostClock
    ) {
        for member in family.identities {
            guard let hold = ProcessHold(member, in: table) else { continue }
            hold.waitForEnd(until: deadline, clock)
        }
    }
}
