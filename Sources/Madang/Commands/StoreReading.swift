import Host
import Platform
import Ports
import Storage
import TradingModel

/// The tables of a configuration, opened by a command that only reads.
struct StoreReading {
    let path: String
    let address: StoreAddress
    let store: any DecisionStore
    /// Ids in the order of their beginning.
    let runs: [String]
    /// Of the first account: what times are shown in.
    let time: ZonedTime
    let configuration: HostConfiguration
    /// Of the configuration, whole: where its runs are kept.
    let root: String

    /// - Parameter run: Its id; `nil`: as the command names it, else the last one of its file.
    /// - Throws: ``RunError``: what is missing, and what to do.
    init(_ command: CommandInvocation, run: String? = nil) throws {
        let (file, loader, configuration) = try ConfigCommand.load(command)
        self.configuration = configuration
        path = loader.path(configuration.database)
        root = loader.path(configuration.folder)
        address = configuration.store(path)
        time = ZonedTime(of: configuration)
        do {
            // A folder may hold runs of several files.
            let known = try address.runs().map(\.id)
            let own = RunFolder.latest(of: wholePath(file), among: known, in: root)
            store = try address.reading(
                run: run ?? command.value(of: CommandLineShape.run) ?? own)
            runs = known
        } catch {
            throw Self.runError(error)
        }
    }

    /// A run that is not there was asked for in vain; anything else is the store's trouble.
    static func runError(_ error: StoreError) -> RunError {
        RunError(error.code == .otherRun ? .refused : .store, "\(error)")
    }

    /// Runs `body` and brings its error into the program's terms.
    func read<Answer>(
        _ body: (any DecisionStore) throws(StoreError) -> Answer
    ) throws -> Answer {
        do throws(StoreError) { return try body(store) } catch { throw Self.runError(error) }
    }
}
