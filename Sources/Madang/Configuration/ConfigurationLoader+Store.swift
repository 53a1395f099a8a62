import Platform
import Storage

extension ConfigurationLoader {
    mutating func readPostgres(_ section: Section) {
        var settings = PostgresSettings(
            host: section.value("host", .string, default: "/var/run/postgresql"),
            port: section.value("port", .int(in: 1...65_535), default: 5_432),
            database: section.value("database", .string, default: "madang"),
            user: section.value("user", .string, default: "madang"),
            password: section.optional("password", .secret))
        settings.encryption = section.value(
            "tls", .choice("a way", of: PostgresSettings.Encryption.self), default: .prefer)
        settings.authorities = section.optional("ca", .string).map(path)
        settings.schema = section.value("schema", .schemaName, default: "madang")
        settings.patience = .nanoseconds(
            section.value(
                "patience", .duration(in: 100_000_000...3_600_000_000_000), default: 10_000_000_000)
        )
        set(settings)
    }
}

extension ValueFormat where Value == String {
    fileprivate static var schemaName: Self {
        .parsed("a name of small letters, digits and _, such as madang") { text in
            let isPlain = text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
            }
            let begins = text.utf8.first.map { !(48...57).contains($0) } ?? false
            return isPlain && begins && text.utf8.count <= 63 ? text : nil
        }
    }
}
