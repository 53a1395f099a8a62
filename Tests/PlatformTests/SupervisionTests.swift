import CLinux
import Glibc
import Testing

@testable import Platform

/// What holds a program that the host started, with real ones (R4.8).
@Suite(.timeLimit(.minutes(2))) struct SupervisionTests {
    private func script(_ name: String, _ arguments: [String] = []) -> [String] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return ["python3", "/\(folder)/Servers/\(name)"] + arguments
    }

    private func launch(
        _ nursery: ProcessNursery, _ arguments: [String], _ lines: ProcessTests.Lines,
        _ change: (inout ProcessLaunch) -> Void = { _ in }
    ) async throws -> ChildProcess {
        var launch = ProcessLaunch(arguments: arguments, environment: [:], grace: 200_000_000)
        change(&launch)
        return try await nursery.launch(launch, onLine: lines.take)
    }

    // MARK: Memory

    /// What its children take counts, each under the limit by itself.
    @Test func aMemoryHogIsKilledWithItsChildren() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(nursery, script("hog.py", ["60", "2"]), lines) {
            $0.memory = 100 << 20
        }
        #expect(await child.waitForExit() == .signal(SIGKILL))
        let end = try #require(child.end)
        let excess = try #require(end.excess)
        #expect(excess.limit == 100 << 20 && excess.resident >= excess.limit)
        #expect("\(end)".hasPrefix("was killed by the host: "))
        #expect(excess.resident < 300 << 20)
        nursery.shutDown()
    }

    @Test func sharedMemoryCountsOnce() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(nursery, script("sharer.py"), lines)
        let ids = try #require(await lines.first(1).first).split(separator: " ").compactMap {
            Int32($0)
        }
        #expect(ids.count == 4)
        let table = ProcessTable()
        let resident = ids.compactMap { table.entry(of: $0)?.pages }.reduce(0, +) * table.pageSize
        let exact = ids.compactMap { table.proportionalSize(of: $0) }.reduce(0, +)
        #expect(resident > 4 * 64 << 20)
        #expect((64 << 20..<120 << 20).contains(exact))
        child.kill()
        _ = await child.waitForExit()
        nursery.shutDown()
    }

    /// The decision, over the real table: shared pages alone end nobody, a limit that they pass does.
    @Test(arguments: [(150, false), (40, true)] as [(Int64, Bool)])
    func theScaleWeighsExactlyBeyondTheLimit(_ limit: Int64, _ ends: Bool) async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(nursery, script("sharer.py"), lines)
        _ = await lines.first(1)
        let table = ProcessTable()
        let entry = try #require(table.entry(of: child.id))
        var family = ProcessFamily([entry.identity], groups: [entry.group])
        family.see(table.entries(), except: entry.group)
        #expect(family.members.count == 4)
        var watch = MemoryWatch(limit: limit << 20)
        let excess = watch.weigh(family, among: table.entries(), table, at: 0, by: HostClock())
        #expect((excess != nil) == ends)
        child.kill()
        _ = await child.waitForExit()
        nursery.shutDown()
    }

    // MARK: Processors

    @Test func nicenessAndProcessorsAreThoseAskedFor() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let cpu = try #require(CPUSet.allowed().numbers.last)
        let child = try await launch(
            nursery,
            [
                "sh", "-c",
                "cut -d' ' -f19 /proc/self/stat; sed -n 's/Cpus_allowed_list:.//p' /proc/self/status",
            ], lines
        ) {
            $0.nice = 17
            $0.cpus = CPUSet([cpu])
        }
        #expect(await child.waitForExit() == .code(0))
        #expect(lines.all.map(\.text) == ["17", "\(cpu)"])
        #expect(host_own_nice() < 17, "the host's own is as it was")
        nursery.shutDown()
    }

    @Test func aThreadMayBeNicerThanItsProcess() {
        let own = host_own_nice()
        let heard = Locked<[Int32]>([])
        for niceness in [0, 7] {
            HostThread.start(named: "nice", nicer: niceness) {
                heard.withLock { $0.append(host_own_nice()) }
            }.join()
        }
        #expect(heard.withLock { $0 } == [own, min(own + 7, 19)])
        #expect(host_own_nice() == own, "the others' is as it was")
    }

    // MARK: Output

    /// In a host of its own, for what it grows by is measured.
    @Test func aFloodCostsBoundedMemoryAndNeverStopsTheProgram() async throws {
        let program = try #require(builtProgram("ChildHost"))
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let clock = HostClock()
        let begun = clock.monotonic()
        let host = try await launch(nursery, [program, "paced"] + script("flood.py"), lines) {
            $0.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        }
        #expect(await host.waitForExit() == .code(0))
        let seconds = Int((clock.monotonic() - begun) / 1_000_000_000 + 1)
        let words = try #require(lines.all.last?.text.split(separator: " ", maxSplits: 4))
        try #require(words.count == 5, "\(lines.all)")
        #expect(words[4] == "ended with code 0")
        let (kept, left) = (try #require(Int(words[0])), try #require(Int(words[1])))
        #expect(kept <= 200 * (seconds + 2) && kept >= 200)
        let told = try #require(Int(words[2]))
        #expect(told > 0 && told <= seconds + 2)
        // A million of the flood, and what it said last.
        #expect(kept + left == 1_000_001)
        #expect(try #require(Int(words[3])) * 4_096 < 32 << 20)
        nursery.shutDown()
    }

    @Test func binaryJunkIsSafe() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(
            nursery, ["sh", "-c", "head -c 3000000 /dev/zero; echo; head -c 3000000 /dev/urandom"],
            lines
        ) { $0.pace = .server }
        #expect(await child.waitForExit() == .code(0))
        #expect(lines.all.contains { $0.isCut })
        #expect(lines.all.allSatisfy { $0.text.utf8.count <= 3 * ProcessLine.longest })
        nursery.shutDown()
    }

    /// The reason is found though its lines were left out.
    @Test func theLastLineOfATracebackIsTheReason() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let text =
            "import sys\nfor n in range(3000): print(n, file=sys.stderr)\nraise ValueError('no weights')"
        let child = try await launch(nursery, ["python3", "-c", text], lines) { $0.pace = .server }
        #expect(await child.waitForExit() == .code(1))
        #expect(child.end?.description == "ended with code 1: ValueError: no weights")
        nursery.shutDown()
    }

    @Test func aCrashIsExplained() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(nursery, ["sh", "-c", "ulimit -c 0; kill -SEGV $$"], lines)
        #expect(await child.waitForExit() == .signal(SIGSEGV))
        #expect(child.end?.description.contains("segmentation fault") == true)
        let missing = try await launch(nursery, ["sh", "-c", "no-such-command"], lines)
        _ = await missing.waitForExit()
        #expect(missing.end?.description == "ended with code 127: a command was not found")
        nursery.shutDown()
    }

    // MARK: The end

    /// It has left its group and hears nothing but SIGKILL.
    @Test func whoLeftTheGroupIsEndedToo() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(nursery, script("stubborn.py"), lines)
        #expect(await lines.first(1) == ["\(child.id)"])
        child.terminate()
        #expect(await child.waitForExit() == .signal(SIGKILL))
        #expect(child.end?.description.contains("did not end when it was asked to") == true)
        nursery.shutDown()
    }

    @Test func aStrayOfAProgramThatIsStoppedEndsWithIt() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let child = try await launch(
            nursery, ["sh", "-c", "setsid sleep 1000 & echo $!; wait; exit 0"], lines)
        let id = try #require(await lines.first(1).first.flatMap { Int32($0) })
        let hold = try #require(Self.hold(id))
        child.terminate()
        _ = await child.waitForExit()
        #expect(hold.hasEnded(within: 10_000))
        nursery.shutDown()
    }

    // MARK: Leftovers

    @Test func theNextStartEndsWhatAKilledHostLeft() async throws {
        let program = try #require(builtProgram("ChildHost"))
        let folder = try TestFolder()
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let record = folder.path + "/model.process"
        let host = try await launch(
            nursery, [program, "record", record] + script("stubborn.py"), lines
        ) {
            $0.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        }
        let id = try #require(await lines.first(1).first.flatMap { Int32($0) })
        let hold = try #require(Self.hold(id))
        host.send(signal: SIGKILL)
        _ = await host.waitForExit()
        #expect(!hold.hasEnded(within: 0), "it outlives its host: what this test is about")
        let found = await Leftovers(folder: folder.path).end(grace: 100_000_000)
        #expect(found.map(\.end) == [.killed] && found.first?.id == id)
        #expect(found.first?.description.hasPrefix("model: a process of an earlier start") == true)
        #expect(hold.hasEnded(within: 10_000))
        #expect(access(record, F_OK) != 0)
        #expect(await Leftovers(folder: folder.path).end() == [])
        nursery.shutDown()
    }

    @Test func aPoliteLeftoverIsAskedAndItsRecordGoes() async throws {
        let folder = try TestFolder()
        let nursery = ProcessNursery()
        let child = try await nursery.launch(
            ProcessLaunch(arguments: ["sleep", "1000"], environment: [:]))
        try Self.record(child.id, in: folder)
        let found = await Leftovers(folder: folder.path).end()
        #expect(found.map(\.end) == [.asked])
        #expect(await child.waitForExit() == .signal(SIGTERM))
        nursery.shutDown()
    }

    /// A number that is another's by now, another start of the machine, a torn or foreign file.
    @Test(arguments: ["start", "boot", "torn", "junk", "readable"])
    func strangersAreNeverTouched(_ kind: String) async throws {
        let folder = try TestFolder()
        let nursery = ProcessNursery()
        let child = try await nursery.launch(
            ProcessLaunch(arguments: ["sleep", "1000"], environment: [:]))
        try Self.record(child.id, in: folder, as: kind)
        #expect(await Leftovers(folder: folder.path).end(grace: 0) == [])
        #expect(child.exit == nil)
        child.send(signal: SIGUSR1)
        #expect(await child.waitForExit() == .signal(SIGUSR1), "it was there to hear this")
        nursery.shutDown()
    }

    @Test func aRecordNamesWhoRunsAndGoesWithIt() async throws {
        let folder = try TestFolder()
        let nursery = ProcessNursery()
        let path = folder.path + "/mine.process"
        let child = try await launch(nursery, ["sleep", "1000"], ProcessTests.Lines()) {
            $0.record = path
        }
        let text = String(
            decoding: try SmallFile.read(path, limit: 4_096, isPrivate: true), as: UTF8.self)
        let record = try #require(ProcessRecord(text))
        #expect(record.program == ProcessTable().entry(of: child.id)?.identity)
        #expect(record.text == text && record.command == "sleep")
        child.terminate()
        _ = await child.waitForExit()
        #expect(access(path, F_OK) != 0)
        nursery.shutDown()
    }

    private static func record(_ id: Int32, in folder: TestFolder, as kind: String = "") throws {
        let table = ProcessTable()
        let entry = try #require(table.entry(of: id))
        let warden = try #require(table.entry(of: entry.group))
        let start = kind == "start" ? entry.start + 1 : entry.start
        let record = ProcessRecord(
            boot: kind == "boot" ? "another" : try #require(table.bootID()),
            program: ProcessIdentity(id: id, start: start),
            warden: ProcessIdentity(id: warden.id, start: warden.start + 1),
            command: "sleep 1000")
        let text =
            switch kind {
            case "torn": String(record.text.dropLast(3))
            case "junk": "kill \(id)"
            default: record.text
            }
        let path = folder.path + "/x.process"
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        _ = write(file, text, text.utf8.count)
        close(file)
        if kind == "readable" { chmod(path, 0o644) }
    }

    private static func hold(_ id: Int32) -> Held? { Held(id) }

    private final class Held {
        private let end: CInt
        init?(_ id: Int32) {
            end = host_pidfd_open(id)
            if end < 0 { return nil }
        }
        deinit { close(end) }
        func hasEnded(within milliseconds: CInt) -> Bool {
            var watched = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            return poll(&watched, 1, milliseconds) == 1
        }
    }
}

/// A folder that goes with the test; its files are flat.
final class TestFolder {
    let path: String
    init() throws {
        var template = Array("/tmp/madang-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    deinit {
        if let list = opendir(path) {
            while let entry = readdir(list) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(path)/\(name)")
            }
            closedir(list)
        }
        rmdir(path)
    }
}
