import Foundation
import Host
import Platform
import Ports
import Testing
import TradingModel

@testable import Madang
@testable import Storage

extension DoctorEnvironment {
    /// A house in which everything is good: nothing of this machine is asked.
    static func sample() -> DoctorEnvironment {
        let configuration = SampleConfiguration.shared
        let clock = ManualClock(monotonic: 5, utc: 1_795_138_266_000_000_000)
        var environment = DoctorEnvironment(
            path: "madang.yaml", base: "/house", user: 1_000, clock: clock,
            libraries: {
                [
                    Library(
                        name: "SQLite", version: "3.40.1", least: "3.40.0", package: "libsqlite3-0")
                ]
            },
            file: { path in
                let isFolder = ["/house", "/house/.madang"].contains(path)
                return FileState(
                    isFolder: isFolder, mode: isFolder ? 0o700 : 0o600, owner: 1_000, size: 1)
            }, isReadable: { _ in true }, isWritable: { _ in true }, isExecutable: { _ in true },
            freeSpace: { _ in 50 << 30 }, flushTimes: { _ in [2_000_000, 1_000_000, 3_000_000] },
            store: { _ in .sample() }, log: { _ in .sample() },
            killSwitch: { _ in nil }, quarantined: { _ in [] },
            recording: { _, _ in
                var sample = FeedSample()
                sample.rows = 1_000
                sample.known = ["A"]
                return sample
            }, zone: { _ in .utc }, isClockInStep: { true },
            pause: { clock.advance(by: 200_000_000) },
            describe: { _ in ServerAnswer(description: .sample, took: 600_000_000) },
            askBroker: { (_) throws(BrokerError) in
                BrokerAnswer(
                    name: "sim", brokerTime: nil, balances: [], positions: [], openOrders: [],
                    took: 3_000_000)
            },
            execute: { _ in
                ProgramEnd(exit: .code(0), output: ["0.1.0 3.11.2"], errors: [])
            },
            deliver: { channel, _ in
                Issue.record("\(channel.name) was called without being asked for")
                return .delivered(pause: 0)
            }, variables: ["PATH": "/usr/bin"])
        environment.configuration = configuration
        environment.folder = "/house/.madang"
        environment.database = "/house/.madang/madang.db"
        return environment
    }

    /// One path is otherwise.
    mutating func change(_ path: String, _ state: FileState?) {
        let before = file
        file = { $0 == path ? state : before($0) }
    }
}

enum SampleConfiguration {
    static let shared: HostConfiguration? = try? load(
        """
        strategies:
          - { name: model, kind: server, launch: [python, model.py], folder: /house, quantity: 1 }
        """)

    /// - Parameter more: Behind accounts, feeds and instruments.
    static func load(_ more: String) throws -> HostConfiguration {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-doctor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = """
            accounts: [{ id: demo, broker: paper, currency: KRW, cash: 1000 }]
            brokers: { paper: { kind: paper } }
            feeds:
              - { kind: csv, path: /house/ticks.csv, what: ticks, speed: max, time: { unit: ns },
                  columns: { time: ts, symbol: symbol, price: price } }
            instruments: [{ symbols: [A, B], market: KR }]

            """ + more
        let file = folder.appendingPathComponent("madang.yaml")
        try Data(text.utf8).write(to: file)
        var loader = try ConfigurationLoader(path: file.path)
        return try loader.load()
    }
}

extension ServerDescription {
    static let sample = ServerDescription(
        name: "model", version: "2", instanceID: "i", modelName: "gbm", modelVersion: "1",
        modelHash: "3f2a", sdk: "madang-python 0.1.0", inputs: [ServerInput(.ticks, warmUp: 0)],
        readsAccount: false, independentInstruments: true, largestBatch: 256, parameterHash: "0",
        followsInstruments: true)
}

extension StoreInspection {
    static func sample(
        version: Int64 = presentVersion, damage: [String] = [], applied: UInt64 = 9,
        isFinished: Bool = true
    ) -> StoreInspection {
        StoreInspection(
            version: version, damage: damage,
            runs: [
                StoredRun(
                    id: "r-1", started: .zero, finished: isFinished ? .zero : nil,
                    configurationHash: "x", applied: applied)
            ])
    }
}

extension LogInspection {
    static func sample(torn: Bool = false, owner: Int32? = nil) -> LogInspection {
        LogInspection(
            identity: LogIdentity(kernelVersion: 1, configurationHash: "x", runID: "r-1"),
            recovery: LogRecovery(
                lastNumber: 9, segments: 1, wasClosed: !torn,
                tornTail: torn
                    ? .init(file: "1.log", offset: 5, bytes: 3, firstLost: 10, keptIn: "") : nil,
                headExtra: HeadExtra(bytes: [], number: 1), kernelVersion: 1), owner: owner)
    }
}

/// Something wrong in the house, and how the doctor tells it.
struct WrongState: Sendable, CustomTestStringConvertible {
    let name: String
    let check: String
    let level: Finding.Level
    let code: ExitCode
    let words: String
    let force: @Sendable (inout DoctorEnvironment) -> Void
    var testDescription: String { name }

    init(
        _ name: String, _ check: String, _ level: Finding.Level, _ words: String,
        _ code: ExitCode = .good, force: @escaping @Sendable (inout DoctorEnvironment) -> Void
    ) {
        self.name = name
        self.check = check
        self.level = level
        self.code = code
        self.words = words
        self.force = force
    }

    static let all = houses + stores + disks + feeds + clocks + servers

    private static let houses = [
        WrongState("old library", "libraries", .warning, "zlib 1.0 is older than 1.2.13") {
            $0.libraries = {
                [.init(name: "zlib", version: "1.0", least: "1.2.13", package: "zlib1g")]
            }
        },
        WrongState("nothing to decide", "configuration", .warning, "no strategy and no rule") {
            $0.configuration?.strategies = []
        },
        WrongState("a setting of no use", "configuration", .warning, "has no effect") {
            $0.configurationWarnings = ["credit has no effect here"]
        },
    ]

    private typealias File = DoctorEnvironment.FileState
    private static func folder(_ mode: UInt32, owner: UInt32 = 1_000) -> File {
        File(isFolder: true, mode: mode, owner: owner, size: 0)
    }
    private static let stores = [
        WrongState("open to writing", "store", .wrong, "mode 0777", .store) {
            $0.change("/house/.madang", folder(0o777))
        },
        WrongState("open to reading", "store", .warning, "mode 0755") {
            $0.change("/house/.madang", folder(0o755))
        },
        WrongState("closed to its owner", "store", .wrong, "mode 0500", .store) {
            $0.change("/house/.madang", folder(0o500))
        },
        WrongState("another's folder", "store", .wrong, "belongs to user 0", .store) {
            $0.change("/house/.madang", folder(0o700, owner: 0))
        },
        WrongState("a file instead", "store", .wrong, "is no folder", .store) {
            $0.change("/house/.madang", File(isFolder: false, mode: 0o600, owner: 1_000, size: 1))
        },
        WrongState("no place for a folder", "store", .wrong, "cannot be written", .store) {
            $0.change("/house/.madang", nil)
            $0.isWritable = { _ in false }
        },
        WrongState("open tables", "store", .wrong, "madang.db can be changed", .store) {
            $0.change(
                "/house/.madang/madang.db",
                File(isFolder: false, mode: 0o666, owner: 1_000, size: 1))
        },
        WrongState("damaged tables", "store", .wrong, "damaged: row 3 missing", .store) {
            $0.store = { _ in .sample(damage: ["row 3 missing"]) }
        },
        WrongState("no tables at all", "store", .wrong, "file is not a database", .store) {
            $0.store = { (path) throws(StoreError) in
                throw StoreError(.corrupt, "file is not a database", at: path)
            }
        },
        WrongState("newer tables", "store", .wrong, "has schema 99", .store) {
            $0.store = { _ in .sample(version: 99) }
        },
        WrongState("older tables", "store", .warning, "has schema 1") {
            $0.store = { _ in .sample(version: 1) }
        },
        WrongState("damaged log", "store", .wrong, "record 7 is damaged", .store) {
            $0.log = { (folder) throws(StoreError) in
                throw StoreError(.corrupt, "record 7 is damaged", at: folder, advice: "put it back")
            }
        },
        WrongState("lost log", "store", .wrong, "its log is not there", .store) {
            $0.store = { _ in .sample(isFinished: false) }
            $0.log = { _ in nil }
        },
        WrongState("torn log", "store", .warning, "cut record 10 short") {
            $0.log = { _ in .sample(torn: true) }
        },
        WrongState("tables ahead", "store", .warning, "ahead of it, at 12") {
            $0.store = { _ in .sample(applied: 12) }
        },
    ]

    private static let disks = [
        WrongState("full disk", "disk", .wrong, "100 MiB free", .store) {
            $0.freeSpace = { _ in 100 << 20 }
        },
        WrongState("nearly full disk", "disk", .warning, "500 MiB free") {
            $0.freeSpace = { _ in 500 << 20 }
        },
        WrongState("no disk", "disk", .wrong, "cannot be read", .store) {
            $0.freeSpace = { _ in nil }
        },
        WrongState("slow disk", "disk", .warning, "takes 80 ms") {
            $0.flushTimes = { _ in [80_000_000, 1, 90_000_000] }
        },
        WrongState("read-only disk", "disk", .wrong, "Read-only file system", .store) {
            $0.flushTimes = { (_) throws(DoctorEnvironment.Trouble) in
                throw .init(text: "cannot make a file: Read-only file system")
            }
        },
    ]

    private static let feeds = [
        WrongState("missing file", "feeds", .wrong, "/house/ticks.csv is not there", .feed) {
            $0.change("/house/ticks.csv", nil)
        },
        WrongState("a folder of ticks", "feeds", .wrong, "is a folder", .feed) {
            $0.change("/house/ticks.csv", folder(0o700))
        },
        WrongState("unreadable file", "feeds", .wrong, "cannot be read by this user", .feed) {
            $0.isReadable = { _ in false }
        },
        WrongState("bad row", "feeds", .wrong, "ticks.csv:3: 'x' is no price", .feed) {
            $0.recording = { (feed, _) throws(FeedError) in
                throw FeedError("'x' is no price", at: feed.csv.path + ":3")
            }
        },
        WrongState("kill switch", "store", .warning, "the kill switch is on (news)") {
            $0.killSwitch = { _ in KillOrder(number: 1, on: true, reason: "news") }
        },
        WrongState("a kill switch that is no file of ours", "store", .wrong, "not what", .store) {
            $0.killSwitch = { _ throws(RunError) in
                throw RunError(.store, "this is not what it was")
            }
        },
        WrongState("remarks", "feeds", .warning, "the first 7 rows parse") {
            $0.recording = { _, _ in
                var sample = FeedSample()
                (sample.rows, sample.known, sample.remarks) = (7, ["A"], ["line 3 is earlier"])
                return sample
            }
        },
        WrongState("other symbols", "feeds", .wrong, "none is of a symbol", .feed) {
            $0.recording = { _, _ in
                var sample = FeedSample()
                (sample.rows, sample.unknown) = (7, ["X", "Y"])
                return sample
            }
        },
        WrongState("candles off the hours", "feeds", .wrong, "begin at 09:30", .feed) {
            $0.recording = { _, _ in
                var sample = FeedSample()
                (sample.rows, sample.known) = (7, ["A"])
                sample.unanchored = "a candle begins at 10:00, and by its hours they begin at 09:30"
                return sample
            }
        },
        WrongState("rows left out", "feeds", .warning, "3 rows skipped") {
            $0.recording = { _, _ in
                var sample = FeedSample()
                (sample.rows, sample.skipped, sample.known) = (7, 3, ["A"])
                return sample
            }
        },
    ]

    private static let clocks = [
        WrongState("clock that jumps", "clock", .wrong, "jumped by 1.2 s", .refused) { house in
            let clock = ManualClock(utc: 1_795_138_266_000_000_000)
            house.clock = clock
            house.pause = {
                clock.advance(by: 200_000_000)
                clock.set(utc: clock.utc() + 1_200_000_000)
            }
        },
        WrongState("clock of long ago", "clock", .wrong, "the clock says 1970", .refused) {
            $0.clock = ManualClock()
        },
        WrongState("clock left alone", "clock", .warning, "no time service") {
            $0.isClockInStep = { false }
        },
        WrongState("unknown zone", "clock", .wrong, "no zone Asia/Seoul", .configuration) {
            $0.zone = { $0 == "UTC" ? .utc : nil }
        },
    ]

    private static let servers = [
        WrongState("no program", "python", .wrong, "'python' is not there", .server) {
            $0.isExecutable = { _ in false }
        },
        WrongState("no script", "python", .wrong, "/house/model.py is not there", .server) {
            $0.change("/house/model.py", nil)
        },
        WrongState("no SDK", "python", .wrong, "No module named 'madang'", .server) {
            $0.execute = { _ in
                .init(
                    exit: .code(1), output: [],
                    errors: ["Traceback", "ModuleNotFoundError: No module named 'madang'"])
            }
        },
        WrongState("no start", "servers", .wrong, "model ended with code 3", .server) {
            $0.describe = { _ in
                throw DoctorEnvironment.Trouble(text: "model ended with code 3\n  see its output")
            }
        },
        WrongState("slow start", "servers", .warning, "answered in 12.0 s") {
            $0.describe = { _ in .init(description: .sample, took: 12_000_000_000) }
        },
        WrongState("an input that no feed gives", "servers", .warning, "asks for quotes") {
            $0.describe = { _ in
                var description = ServerDescription.sample
                description.inputs = [ServerInput(.quotes, warmUp: 0)]
                return .init(description: description, took: 1)
            }
        },
        WrongState("no standby", "servers", .wrong, "nobody stands by for model: gone", .server) {
            $0.describe = { _ in
                .init(description: .sample, took: 1, standby: .init(trouble: "gone\n  look"))
            }
        },
        WrongState(
            "another standby", "servers", .wrong, "model standby is another server than model",
            .server
        ) {
            $0.describe = { _ in
                var other = ServerDescription.sample
                other.modelHash = "3f2b"
                return .init(description: .sample, took: 1, standby: .init(description: other))
            }
        },
        WrongState("a slow standby", "servers", .warning, "model standby: model version 2") {
            $0.describe = { _ in
                .init(
                    description: .sample, took: 1,
                    standby: .init(description: .sample, took: 12_000_000_000))
            }
        },
    ]
}
