import Feeds
import Foundation
import GRPCTransport
import Glibc
import Host
import Notifications
import Platform
import Ports
import Storage
import StrategyServers
import TradingModel
import Vault

extension DoctorEnvironment {
    /// This machine.
    ///
    /// - Parameter servers: Starts, asks and ends strategy servers; programs too.
    init(path: String, servers: DoctorServers) {
        let variables = Environment.variables()
        self.init(
            path: path, base: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            user: geteuid(), clock: HostClock(), libraries: { Self.libraries },
            file: Self.state, isReadable: { access($0, R_OK) == 0 },
            isWritable: { access($0, W_OK) == 0 },
            isExecutable: { access($0, X_OK) == 0 && Self.state(of: $0)?.isFolder == false },
            freeSpace: Self.freeSpace, flushTimes: FlushTimer.times,
            store: { (path) throws(StoreError) in try StoreInspection(of: path) },
            log: { (folder) throws(StoreError) in try LogInspection(of: folder) },
            killSwitch: { (folder) throws(RunError) in try KillSwitch(folder: folder).order() },
            quarantined: { (folder) throws(RunError) in
                try QuarantineFile(folder: folder).entries()
            },
            recording: FeedSample.init, zone: { Zones.offsets(of: $0) },
            isClockInStep: { ClockSync.isInStep() }, pause: { usleep(200_000) },
            describe: { try await servers.describe($0) },
            askBroker: { (_) throws(BrokerError) in throw BrokerError(.offline, "nobody is asked")
            },
            execute: { try await servers.execute($0) },
            backlogs: { (folder, channels) throws(StoreError) in
                try Self.backlogs(folder + "/outbox", channels)
            },
            deliver: { await Self.deliver($1, by: $0) }, variables: variables)
        read()
        if let configuration {
            // To ask PostgreSQL would make the tables there, and this changes nothing.
            if configuration.postgres == nil {
                books = { [database] in
                    (try? Self.books(database, of: configuration.accounts.map(\.name)))
                        ?? Books()
                }
            }
            askBroker = { (index) throws(BrokerError) in
                try await BrokerQuestions(configuration, index).answer()
            }
        }
        servers.use(self)
    }

    /// - Parameter accounts: Of whom the last run may have no row: they hold nothing there.
    static func books(
        _ database: String, of accounts: [String]
    ) throws(StoreError) -> Books {
        guard let store = try SQLiteProjections.looking(at: database) else { return Books() }
        var books = Dictionary(
            accounts.map { ($0, AccountBooks(account: $0)) },
            uniquingKeysWith: { first, _ in first })
        for holding in Holding.all(in: try store.ledger()) {
            books[holding.account, default: AccountBooks(account: holding.account)]
                .holdings[holding.symbol] = holding.held
        }
        for order in try store.orders() where order.state == "unknown" {
            books[order.account, default: AccountBooks(account: order.account)]
                .inDoubt.append(order.number)
        }
        // Of a run that is over nothing is in force any more.
        let isFinished = try SQLiteProjections.lookingForLatest(at: database)?.finished != nil
        return Books(
            accounts: books.values.sorted { $0.account < $1.account },
            stops: isFinished ? StandingStops() : StandingStops(try store.riskEvents()))
    }

    private mutating func read() {
        do {
            var loader = try ConfigurationLoader(path: path)
            let configuration = try loader.load()
            configuration.keepSecretsOutOfCores()
            configurationWarnings = loader.reader.warnings.map { "\($0)" }
            folder = loader.path(configuration.folder)
            database = loader.path(configuration.database)
            self.configuration = configuration
        } catch {
            configurationError = "\(error)"
        }
    }

    /// The oldest are Debian 12's: what the tests run against.
    private static var libraries: [Library] {
        [
            Library(
                name: "gRPC core", version: GRPCRuntime.coreVersion, least: "29.0.0",
                package: "libgrpc29"),
            Library(
                name: "SQLite", version: SQLiteLibrary.version, least: "3.40.0",
                package: "libsqlite3-0"),
            Library(
                name: "OpenSSL", version: OpenSSLLibrary.version, least: "3.0.0",
                package: "libssl3"),
            Library(
                name: "zlib", version: ZlibLibrary.version, least: "1.2.13", package: "zlib1g"),
            Library(
                name: "libyaml", version: YAMLLibrary.version, least: "0.2.5",
                package: "libyaml-0-2"),
        ]
    }

    private static func state(of path: String) -> FileState? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileState(
            isFolder: status.st_mode & S_IFMT == S_IFDIR, mode: status.st_mode & 0o7777,
            owner: status.st_uid, size: Int64(status.st_size))
    }

    private static func backlogs(
        _ folder: String, _ channels: [String]
    ) throws(StoreError) -> [String: Backlog] {
        guard let log = try OutboxFolder.view(folder) else { return [:] }
        var outbox = Outbox(
            channels.map {
                OutboxDestination(
                    name: $0, lane: 0, limits: ChannelLimits(length: 1_000), texts: Texts(.en))
            }, seed: 0)
        _ = try outbox.read(log)
        var backlogs: [String: Backlog] = [:]
        for (index, channel) in channels.enumerated() where outbox.waiting(at: index) > 0 {
            backlogs[channel] = Backlog(
                count: outbox.waiting(at: index), oldest: outbox.oldest(at: index))
        }
        return backlogs
    }

    private static func deliver(_ letter: Letter, by setting: ChannelSetting) async -> Delivery {
        let lines = MessageLines([setting]) { _, _ in }
        defer { lines.client.close() }
        guard let channel = lines.lines.first?.channel else { return .transient("no channel") }
        return await channel.deliver(letter)
    }

    private static func freeSpace(of folder: String) -> Int64? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return overflow ? .max : bytes
    }
}

/// Times small writes with their flush, of a file that has no name and leaves nothing.
private enum FlushTimer {
    static func times(in folder: String) throws(DoctorEnvironment.Trouble) -> [Int64] {
        let file = try open(folder)
        defer { close(file) }
        let block = [UInt8](repeating: 0x5A, count: 4_096)
        let clock = HostClock()
        var times: [Int64] = []
        for index in 0..<9 {
            let start = clock.monotonic()
            guard pwrite(file, block, block.count, off_t(index * block.count)) == block.count,
                fdatasync(file) == 0
            else { throw failure("write") }
            times.append(clock.monotonic() - start)
        }
        return times
    }

    private static func open(_ folder: String) throws(DoctorEnvironment.Trouble) -> Int32 {
        // Not in every file system: then one with a name, taken away at once.
        let nameless = Int32(0o20_000_000) | O_DIRECTORY
        let file = Glibc.open(folder, nameless | O_RDWR | O_CLOEXEC, 0o600)
        if file >= 0 { return file }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT else {
            throw failure("make a file")
        }
        var name = Array("\(folder)/.doctor-XXXXXX".utf8CString)
        let named = mkstemp(&name)
        guard named >= 0 else { throw failure("make a file") }
        unlink(name)
        return named
    }

    private static func failure(_ what: String) -> DoctorEnvironment.Trouble {
        .init(text: "cannot \(what): \(String(cString: strerror(errno)))")
    }
}

extension FeedSample {
    private static let most = 1_000

    /// Reads the first rows as a run would, whatever their symbols.
    init(of feed: FeedSetting, _ configuration: HostConfiguration) throws(FeedError) {
        let known = Dictionary(
            configuration.instruments.map { ($0.symbol, $0.id) },
            uniquingKeysWith: { first, _ in first })
        let seen = Locked<[String]>([])
        let recording = CSVFeed(feed.csv, digest: OpenSSLDigest()) { symbol in
            seen.withLock { seen in
                if !seen.contains(symbol) { seen.append(symbol) }
            }
            // Any instrument does: only whether the row can be read is asked.
            return known[symbol] ?? InstrumentID(0)
        }
        let reader = try recording.open()
        var rows: [MarketInput] = []
        isWhole = try !reader.read(into: &rows, limit: Self.most)
        self.rows = rows.count
        skipped = recording.counts.skipped
        remarks = recording.remarks
        let symbols = seen.withLock { $0 }
        self.known = symbols.filter { known[$0] != nil }
        unknown = symbols.filter { known[$0] == nil }
        unanchored = Self.unanchored(feed, known, configuration)
    }

    /// Of the instruments' own rows, as a run looks at them before it begins.
    private static func unanchored(
        _ feed: FeedSetting, _ known: [String: InstrumentID], _ configuration: HostConfiguration
    ) -> String? {
        guard configuration.hours.contains(where: { !$0.isAlways }) else { return nil }
        let recording = CSVFeed(feed.csv, digest: OpenSSLDigest()) { known[$0] }
        let zones = configuration.instruments.map { Zones.offsets(of: $0.timeZone) ?? .utc }
        guard
            let found = RecordingLook(feed: recording).unanchored(configuration.hours, zones)
        else { return nil }
        return found.words(
            recording.name, configuration.instruments[Int(found.candle.instrument.index)].symbol)
    }
}
