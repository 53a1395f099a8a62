package import Ports

extension SQLiteProjections {
    /// Writes the tables as they are at this moment into another file; a host may be at work.
    ///
    /// - Parameter copy: Must not be there.
    /// - Throws: `full`, `io`, `permission`, `corrupt`, `inUse`.
    package static func copy(_ path: String, to copy: String) throws(StoreError) {
        try makePrivate(copy)  // with its owner's mode from the first byte; an empty file is taken
        let connection = try connect(path, patience: .seconds(30))
        try connection.execute(
            "VACUUM INTO '\(copy.replacing("'", with: "''"))'", doing: "back the tables up")
    }
}
