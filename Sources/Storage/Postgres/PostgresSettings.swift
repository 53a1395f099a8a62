package import Platform

/// Which server, which database, and as whom. Its texts never hold the password.
package struct PostgresSettings: Sendable {
    /// As `sslmode` of libpq.
    package enum Encryption: String, CaseIterable, Sendable {
        /// Where the server offers it.
        case prefer
        /// Or no connection; the server may be anybody.
        case require
        /// And the server's certificate names the host and is signed by one of `authorities`.
        case verifyFull = "verify-full"
        case off = "disable"
    }
    /// A name, an address, or the folder of the server's socket.
    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    /// `nil`: the server trusts the socket's user, or `~/.pgpass` has it.
    package var password: Secret?
    package var encryption = Encryption.prefer
    /// A file of certificates.
    package var authorities: String?
    /// Where the tables are; made when it is not there.
    package var schema = "madang"
    /// How long the server may take to let us in, and for one statement or batch.
    package var patience = Duration.seconds(10)

    package init(
        host: String, port: Int = 5_432, database: String, user: String, password: Secret? = nil
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
    }

    /// Small letters, digits and `_`: the name stands in statements as it is.
    package var hasPlainSchema: Bool {
        let isPlain = schema.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
        }
        let digit = schema.utf8.first.map { (48...57).contains($0) } ?? true
        return isPlain && !digit && schema.utf8.count <= 63
    }

    /// `postgresql://db.example:5432/madang`, for people; a socket's folder as it is.
    package var place: String {
        host.hasPrefix("/")
            ? "postgresql:\(host):\(port)/\(database)" : "postgresql://\(host):\(port)/\(database)"
    }
}
