import Backtest
import Foundation
import Host
import Platform
import Ports
import Storage
import StrategyServers
import TradingModel

/// A run's log and tables, as a rule at rest: no host works in the folder while they are looked at.
final class StorePlace {
    let run: String
    let address: StoreAddress
    /// Of the log.
    let records: UInt64
    private let root: String
    private let assembly: RunAssembly
    private let feed: any RecordedFeed
    private let hold: FolderLock?
    /// What the log came to when it was read last.
    private var outcome: TableRebuild?

    /// - Parameter isAtRest: Refuses a folder that a host works in; false: log and tables are only read, and the
    ///   recordings are not, where the run keeps this very configuration.
    /// - Throws: ``ConfigurationError``, ``RunError``: a host is at work, or the run is another
    ///   configuration's.
    init(_ command: CommandInvocation, isAtRest: Bool = true) throws {
        let (file, loader, written) = try ConfigCommand.load(command)
        var configuration = written
        try configuration.readLists()
        feed = RunCommand.feed(configuration)
        let logs = try LogPlace(command)
        run = try logs.chosen()
        root = logs.root
        address = configuration.store(loader.path(configuration.database))
        let text = loader.reader.shownText()
        do {
            hold = isAtRest ? try FolderLock(folder: root) : nil
            let view = try LogView(logs.log(of: run))
            records = view.last
            let isKnown =
                !isAtRest && RunCommand.filledIn(loader).isEmpty
                && RunFolder.keeps(configuration: text, of: run, in: root)
            assembly = RunAssembly(
                configuration: configuration,
                identity: isKnown
                    ? view.identity.configurationHash
                    : try RunCommand.identity(loader, configuration, feed),
                base: loader.base, file: wholePath(file), text: text)
            guard view.identity.configurationHash == assembly.identity else {
                throw StoreError(
                    .otherRun,
                    "run \(run) was begun with another configuration or other recordings",
                    at: logs.log(of: run),
                    advice:
                        "name that one: madang \(command.path.joined(separator: " ")) -c FILE --run \(run)"
                )
            }
        } catch let error as StoreError {
            throw StoreReading.runError(error)
        }
    }

    // MARK: From the log

    /// A file beside the tables that goes with the command.
    func scratch() throws -> String {
        let path = "\(root)/rebuilt-\(getpid()).db"
        remove(path)
        return path
    }

    func remove(_ path: String) {
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }

    /// What the log comes to, in a file of its own.
    func tables(in path: String, through last: UInt64) throws -> SQLiteProjections {
        do {
            let folder = "\(root)/runs/\(run)"
            let store = try SQLiteProjections.open(
                path, run: run, configurationHash: assembly.identity, started: .zero)
            let log = try LogView(folder + "/log", through: last)
            guard log.last > 0 else { return store }
            let setup = try RunSession(assembly, feed: feed, observer: SilentObserver())
                .setup(reading: log, folder: folder, into: store)
            outcome = try TableRebuild(setup)
            return store
        } catch let error as StoreError {
            throw StoreReading.runError(error)
        } catch let error as RunFailure {
            throw RunError(.store, "\(error)")
        }
    }

    /// The ledger that the log comes to, as far as the log goes now. Of runs at brokers outside too.
    func ledger() throws -> LedgerReading {
        do {
            let folder = "\(root)/runs/\(run)"
            let log = try LogView(folder + "/log")
            return try LedgerReading(
                RunSession(assembly, feed: feed, observer: SilentObserver())
                    .setup(booking: log, folder: folder))
        } catch let error as StoreError {
            throw StoreReading.runError(error)
        } catch let error as RunFailure {
            throw RunError(.store, "\(error)")
        }
    }

    // MARK: The tables

    func read<Answer>(_ body: (any DecisionStore, UInt64) throws -> Answer) throws -> Answer {
        do {
            let store = try address.reading(run: run)
            return try body(store, try store.appliedNumber())
        } catch let error as StoreError {
            throw StoreReading.runError(error)
        }
    }

    /// - Returns: How many rows were written.
    func rebuild(from made: SQLiteProjections) throws -> Int {
        do throws(StoreError) {
            let known = try? address.runs().first { $0.id == run }
            let store = try address.open(
                run: run, configurationHash: assembly.identity,
                started: known?.started ?? Timestamp(nanoseconds: assembly.clock.utc()))
            // As they came: what is read by its record has to lie behind what came before it.
            let rows = try made.rows()
            try store.reset()
            try store.apply(rows, upTo: records)
            // A run that is over is over in its new tables too.
            if let outcome, outcome.isFinished {
                let words = try? JSONEncoder.stable.encode(outcome.summary)
                try store.finish(
                    at: known?.finished ?? Timestamp(nanoseconds: assembly.clock.utc()),
                    summary: known?.summary ?? words.map { String(decoding: $0, as: UTF8.self) }
                        ?? "{}")
            }
            return rows.count
        } catch {
            throw StoreReading.runError(error)
        }
    }
}

/// Nobody is told of what was told before.
struct SilentObserver: RunObserver {
    func started(_ start: RunStart) {}
    func notice(_ notice: RunNotice) {}
    func finished(_ summary: RunSummary) {}
}
