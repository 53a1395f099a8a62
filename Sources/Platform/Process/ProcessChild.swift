import Glibc

/// What the nursery's thread knows of a program that runs.
final class ProcessChild {
    let handle: ChildProcess
    let spawned: Spawner.Spawned
    let order: ProcessOrders.Launching
    var output = LineSplitter()
    var error = LineSplitter()
    var isOutputOpen = true
    var isErrorOpen = true
    /// Monotonic ns; `.max` when it was killed.
    var killAt: Int64?
    var family: ProcessFamily
    var watch: MemoryWatch?
    var excess: MemoryExcess?
    private var pace: OutputPace?
    private var words = LastWords()
    private let memoryKills: UInt64?

    /// - Parameter memoryKills: Of the machine, at its start.
    init(
        _ handle: ChildProcess, _ spawned: consuming Spawner.Spawned,
        _ order: ProcessOrders.Launching, start: UInt64, memoryKills: UInt64?
    ) {
        self.handle = handle
        family = ProcessFamily(
            [ProcessIdentity(id: spawned.process, start: start)], groups: [spawned.warden])
        self.spawned = spawned
        self.order = order
        self.memoryKills = memoryKills
        pace = order.launch.pace.map { OutputPace($0) }
        if self.spawned.group == nil {
            watch = order.launch.memory.map { MemoryWatch(limit: $0) }
        }
    }

    var launch: ProcessLaunch { order.launch }

    /// Whether it has a limit and has not been killed for it.
    var isWeighed: Bool { watch != nil && excess == nil }

    func owns(_ entry: ProcessEntry) -> Bool { family.members[entry.id] == entry.start }

    // MARK: Output

    /// When a count of lines left out is due.
    var tellAt: Int64? { pace?.dueAt }

    func heard(_ line: LineSplitter.Line, _ stream: ProcessLine.Stream, at now: Int64) {
        if stream == .error { words.heard(line.bytes) }
        guard pace?.takes(line.bytes.count, of: line.written, at: now) != false else { return }
        order.onLine(ProcessLine(stream: stream, text: line.text, beyond: line.beyond))
    }

    func tellLeftOut(at now: Int64) { tell(pace?.leftOut(at: now)) }

    private func tell(_ count: OutputPace.LeftOut?) {
        guard let count else { return }
        order.onLine(ProcessLine(stream: .host, text: "\(count)"))
    }

    /// The last of what it wrote, and how it ended.
    func end(_ exit: ProcessExit, memoryKills now: UInt64?, at time: Int64) -> ProcessEnd {
        output.finish { heard($0, .output, at: time) }
        error.finish { heard($0, .error, at: time) }
        tell(pace?.finish())
        var end = ProcessEnd(exit)
        end.excess = excess ?? spawned.group?.excess()
        end.wasAsked = killAt != nil
        end.lastWords = words.found
        if let before = memoryKills, let now { end.sawMemoryShortage = now > before }
        return end
    }

    // MARK: Signals

    /// To the group, to the program itself if it has left the group, and to what is known to have
    /// left it.
    func send(_ signal: CInt, reading table: ProcessTable) {
        family.see(table.entries(), except: spawned.warden)
        // Not reaped: its number is still its own.
        let hasLeft = getpgid(handle.id) != spawned.warden
        Glibc.kill(-spawned.warden, signal)
        if hasLeft { Glibc.kill(handle.id, signal) }
        signalStrays(signal)
    }

    func kill(reading table: ProcessTable) {
        send(SIGKILL, reading: table)
        spawned.group?.kill()
    }

    /// Those outside the group, each only while it is still the same process.
    func signalStrays(_ signal: CInt) {
        for member in family.identities where member.id != handle.id {
            guard getpgid(member.id) != spawned.warden else { continue }
            ProcessHold(member)?.send(signal)
        }
    }

    // MARK: Record

    /// Best effort: without it only a program that has left its group and is deaf to signals can
    /// outlive a killed host.
    func keepRecord(_ table: ProcessTable) {
        guard let path = launch.record, let boot = table.bootID() else { return }
        let warden = table.entry(of: spawned.warden)?.identity
        let program = family.identities.first { $0.id == handle.id }
        guard let warden, let program else { return }
        let record = ProcessRecord(
            boot: boot, program: program, warden: warden,
            command: launch.arguments.first ?? "")
        record.write(to: path)
    }

    /// Another one may have been started in its place meanwhile: then the record is that one's.
    func dropRecord() {
        guard let path = launch.record, let record = ProcessRecord(at: path),
            record.program.id == handle.id
        else { return }
        unlink(path)
    }
}
