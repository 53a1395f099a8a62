package import Ports
package import TradingModel

/// Where the tables are, whatever keeps them.
package enum StoreAddress: Sendable {
    /// The path of a file.
    case sqlite(String)
    case postgres(PostgresSettings)

    /// For people and errors; without a secret.
    package var place: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let settings): settings.place
        }
    }

    /// Begins or continues a run as its one writer; makes or migrates the tables.
    package func open(
        run id: String, configurationHash: String, started: Timestamp
    ) throws(StoreError) -> any DecisionStore {
        switch self {
        case .sqlite(let path):
            try SQLiteProjections.open(
                path, run: id, configurationHash: configurationHash, started: started)
        case .postgres(let settings):
            try PostgresProjections.open(
                settings, run: id, configurationHash: configurationHash, started: started)
        }
    }

    /// Reads one run while a host may be writing.
    ///
    /// - Parameter id: `nil` for the latest run.
    /// - Throws: `otherRun` when there is none.
    package func reading(run id: String? = nil) throws(StoreError) -> any DecisionStore {
        switch self {
        case .sqlite(let path): try SQLiteProjections.reading(path, run: id)
        case .postgres(let settings): try PostgresProjections.reading(settings, run: id)
        }
    }

    /// In the order of their beginning.
    package func runs() throws(StoreError) -> [StoredRun] {
        switch self {
        case .sqlite(let path): try SQLiteProjections.runs(in: path)
        case .postgres(let settings): try PostgresProjections.runs(in: settings)
        }
    }
}
