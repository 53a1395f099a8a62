import Host
import Platform
import TradingModel

/// Room for log and tables, and how long a flush takes: no order leaves before its flush.
struct DiskCheck: DoctorCheck {
    let name = "disk"
    let code = ExitCode.store
    /// Below this a day of a busy feed may not fit.
    static let comfortable: Int64 = 1 << 30
    /// Below this not even the log's next segments do.
    static let least: Int64 = 128 << 20
    /// A flush that takes longer delays every order by as much.
    static let slowFlush: Int64 = 50_000_000

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        withConfiguration(environment) { _ in
            let isThere = environment.file(environment.folder)?.isFolder == true
            let folder =
                isThere ? environment.folder : environment.existingFolder(above: environment.folder)
            return [space(in: folder, environment), flush(in: folder, environment)]
        }
    }

    private func space(in folder: String, _ environment: DoctorEnvironment) -> Finding {
        guard let free = environment.freeSpace(folder) else {
            return .wrong(
                "\(folder): the free space cannot be read", next: "see whether its disk is mounted",
                .store)
        }
        let words = "\(folder): \(size(free)) free"
        let next = "make room, or give another store: folder on a disk that has it"
        if free < Self.least {
            return .wrong("\(words), at least \(size(Self.least)) is needed", next: next, .store)
        }
        if free < Self.comfortable {
            return .warning("\(words), \(size(Self.comfortable)) or more is wanted", next: next)
        }
        return .good("\(words), \(size(Self.comfortable)) wanted")
    }

    private func flush(in folder: String, _ environment: DoctorEnvironment) -> Finding {
        let times: [Int64]
        do {
            times = try environment.flushTimes(folder).sorted()
        } catch {
            return .wrong(
                "\(folder) cannot be written: \(error.text)",
                next: "check the folder's owner, mode and disk", .store)
        }
        guard let worst = times.last else { return .skipped("no flush was timed") }
        let median = times[times.count / 2]
        let words =
            "a write of 4 KiB with its flush takes \(NumberWords.span(Nanoseconds(median))),"
            + " \(NumberWords.span(Nanoseconds(worst))) at worst of \(times.count)"
        if median > Self.slowFlush {
            return .warning(
                "\(words): every order waits for one",
                next: "put store: folder on a local disk, not a network folder or a memory card")
        }
        return .good(words)
    }

    /// `1.5 GiB`
    private func size(_ bytes: Int64) -> String {
        let (unit, scale): (String, Int64) =
            bytes >= 1 << 30
            ? ("GiB", 1 << 30) : bytes >= 1 << 20 ? ("MiB", 1 << 20) : ("KiB", 1 << 10)
        let tenths = bytes / (scale / 10)
        return tenths >= 1_000 || tenths % 10 == 0
            ? "\(grouped("\(tenths / 10)")) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
