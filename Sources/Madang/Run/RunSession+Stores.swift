import Backtest
import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel

extension RunSession {
    /// Where a run writes.
    struct Stores {
        var run: String
        var folder: String
        var host: String
        var log: any EventLog
        var projections: any ProjectionStore
        /// Waits until the tables have everything that was decided, as far as their server lets it.
        var settle: () -> Void = {}
        /// Notes in the tables that it is over, with its summary.
        var finish: (Timestamp, String) throws -> Void
    }

    func openStores(fresh: Bool) throws -> Stores {
        if let trial, !trial.isKept {
            return Stores(
                run: "backtest", folder: trial.folder, host: "backtest", log: UnkeptLog(),
                projections: UnkeptRows(), finish: { _, _ in })
        }
        let database = assembly.path(assembly.configuration.database)
        do {
            let address = assembly.configuration.store(database)
            let known =
                assembly.configuration.postgres != nil
                    || FileManager.default.fileExists(atPath: database) ? try address.runs() : []
            let finished = Set(known.filter { $0.finished != nil }.map(\.id))
            let folder = try RunFolder(
                root: assembly.root, identity: assembly.identity, finished: finished, fresh: fresh)
            if !folder.continues { try lookBack(at: known, address, fresh: fresh) }
            let now = Timestamp(nanoseconds: assembly.clock.utc())
            // Before the log: a run that has one is known by what it was begun with.
            if folder.continues {
                folder.noteGoingOn(at: now)
            } else {
                try folder.keep(configuration: assembly.text, of: assembly.file, begun: now)
            }
            removeLeftPrivateFiles(in: [assembly.root, folder.path])
            let log = try folder.openLog(
                identity: assembly.identity, segment: assembly.configuration.segment)
            if let torn = log.recovery.tornTail {
                observer.notice(RunNotice(.warning, time: .zero, text: "\(torn)"))
            }
            let tables = try address.open(
                run: folder.run, configurationHash: assembly.identity,
                started: now)
            let trailing = assembly.configuration.postgres.map { _ in trail(tables) }
            var stores = Stores(
                run: folder.run, folder: folder.path,
                host: try RunFolder.hostID(in: assembly.root), log: log,
                projections: trailing ?? tables
            ) {
                try tables.finish(at: $0, summary: $1)
            }
            if let trailing { settle(trailing, &stores) }
            return stores
        } catch {
            throw RunError(.store, "\(error)")
        }
    }

    /// A server may be slow or away: the run does not wait for it, and says so once.
    private func trail(_ tables: any ProjectionStore) -> TrailingProjections {
        TrailingProjections(tables) { [observer] news in
            let text =
                switch news {
                case .behind(let error): "the tables wait, trading goes on: \(error)"
                case .level: "the tables are level with the log again"
                case .abandoned(let error): Self.lacking(error)
                }
            observer.notice(RunNotice(.warning, time: .zero, text: text))
        }
    }

    /// The run stands in its log: a store that is away undoes neither its end nor its stop. Tables
    /// that lack rows are not called finished, so that the next start brings them up.
    private func settle(_ trailing: TrailingProjections, _ stores: inout Stores) {
        let observer = observer
        let isLevel = Locked(false)
        func attempt(_ body: () throws -> Void) -> Bool {
            do { try body() } catch {
                observer.notice(RunNotice(.warning, time: .zero, text: Self.lacking(error)))
                return false
            }
            return true
        }
        let finish = stores.finish
        stores.settle = {
            let isDone = attempt { try trailing.drain() }
            isLevel.withLock { $0 = isDone }
            trailing.close()
        }
        stores.finish = { time, summary in
            guard isLevel.withLock({ $0 }) else { return }
            _ = attempt { try finish(time, summary) }
        }
    }

    private static func lacking(_ error: any Error) -> String {
        "the tables lack the end of this run, its log has it: \(error)"
    }
}
