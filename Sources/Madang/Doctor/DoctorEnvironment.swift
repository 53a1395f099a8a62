import Host
import Platform
import Ports
import Storage
import TradingModel

/// Everything that the checks know of the world, so that a test can make any of it wrong.
struct DoctorEnvironment: Sendable {
    /// A library as loaded.
    struct Library: Hashable, Sendable {
        var name: String
        var version: String
        /// The oldest that is known to be good.
        var least: String
        var package: String
    }
    /// What the file system says of a path.
    struct FileState: Hashable, Sendable {
        var isFolder: Bool
        var mode: UInt32
        var owner: UInt32
        var size: Int64
    }
    /// A strategy server, asked.
    struct ServerAnswer: Hashable, Sendable {
        var description: ServerDescription
        /// From its launch or the first call, ns.
        var took: Int64
        var standby: StandbyAnswer?
    }
    /// Who stands by for it: who it is, or why it is not there.
    struct StandbyAnswer: Hashable, Sendable {
        var description: ServerDescription?
        var took: Int64 = 0
        var trouble = ""
    }
    /// A broker outside, asked.
    struct BrokerAnswer: Hashable, Sendable {
        /// As it calls itself.
        var name: String
        var brokerTime: Timestamp?
        var balances: [BrokerBalance]
        var positions: [BrokerPosition]
        var openOrders: [BrokerOrder]
        /// Whether its line of reports stood.
        var isHeard = true
        /// The slowest answer, its login among them, ns.
        var took: Int64
    }
    /// What the tables of the latest run say.
    struct Books: Hashable, Sendable {
        /// Empty where no run has tables that can be read.
        var accounts: [AccountBooks] = []
        /// Of a run that has not come to its end.
        var stops = StandingStops()
    }
    /// What the tables of the latest run say of an account.
    struct AccountBooks: Hashable, Sendable {
        var account: String
        /// By symbol.
        var holdings: [String: Quantity] = [:]
        /// Orders whose outcome is unknown.
        var inDoubt: [OrderNumber] = []
    }
    /// Messages that a channel has not taken.
    struct Backlog: Hashable, Sendable {
        /// More than 0, those of which only the count is left included.
        var count: Int
        /// When the oldest was told; `nil`: nobody knows any more. ns since 1970.
        var oldest: Int64?
    }
    typealias Backlogs =
        @Sendable (_ folder: String, _ channels: [String]) throws(StoreError) -> [String: Backlog]
    /// A program, run to its end.
    struct ProgramEnd: Hashable, Sendable {
        var exit: ProcessExit
        var output: [String]
        var errors: [String]
    }
    struct Trouble: Error, Hashable {
        var text: String
    }

    /// As named on the command line.
    var path: String
    /// `nil` when it cannot be read; then `configurationError` says why.
    var configuration: HostConfiguration?
    var configurationError = ""
    var configurationWarnings: [String] = []
    /// The folder that its paths count from.
    var base: String
    /// Of the store, absolute.
    var folder = ""
    var database = ""
    var user: UInt32
    var clock: any TimeSource

    var libraries: @Sendable () -> [Library]
    /// - Returns: `nil` where nothing is, or where it cannot be seen.
    var file: @Sendable (_ path: String) -> FileState?
    var isReadable: @Sendable (_ path: String) -> Bool
    var isWritable: @Sendable (_ path: String) -> Bool
    var isExecutable: @Sendable (_ path: String) -> Bool
    /// Bytes that this user may still write in the file system of a folder.
    var freeSpace: @Sendable (_ folder: String) -> Int64?
    /// ns for a small write with its flush, of a nameless file in the folder, several times.
    var flushTimes: @Sendable (_ folder: String) throws(Trouble) -> [Int64]
    var store: @Sendable (_ path: String) throws(StoreError) -> StoreInspection
    var log: @Sendable (_ folder: String) throws(StoreError) -> LogInspection?
    /// What stands for the kill switch of the folder, if anything does.
    var killSwitch: @Sendable (_ folder: String) throws(RunError) -> KillOrder?
    /// Strategy servers that nobody connects to.
    var quarantined: @Sendable (_ folder: String) throws(RunError) -> [QuarantineFile.Entry]
    var recording: @Sendable (FeedSetting, HostConfiguration) throws(FeedError) -> FeedSample
    /// - Returns: `nil` for a zone that the machine does not know.
    var zone: @Sendable (_ name: String) -> ZoneOffsets?
    var isClockInStep: @Sendable () -> Bool?
    /// Lets time pass between two readings of the clock.
    var pause: @Sendable () -> Void
    /// Starts or reaches the server, asks who it is, and ends it again.
    var describe: @Sendable (_ strategy: Int) async throws -> ServerAnswer
    /// Logs in at the broker and asks; orders nothing.
    var askBroker: @Sendable (_ broker: Int) async throws(BrokerError) -> BrokerAnswer
    var books: @Sendable () -> Books = { Books() }
    var execute: @Sendable (ProcessLaunch) async throws -> ProgramEnd
    /// What the outbox of the folder owes to these channels, those that it owes nothing left out.
    var backlogs: Backlogs = { _, _ in [:] }
    /// Sends a letter once.
    var deliver: @Sendable (ChannelSetting, Letter) async -> Delivery
    var variables: [String: String]
}

/// The first rows of a recording.
struct FeedSample: Hashable, Sendable {
    var rows = 0
    /// Rows that were left out as the configuration says.
    var skipped = 0
    /// In the order in which they came.
    var known: [String] = []
    var unknown: [String] = []
    /// What was taken for granted in reading them.
    var remarks: [String] = []
    /// Whether these are all rows that there are.
    var isWhole = false
    /// Of a candle that a run would not begin with: see ``RecordingLook/unanchored(_:_:)``.
    var unanchored: String?
}
