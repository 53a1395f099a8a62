import CPQ
import Glibc
import Platform
import Ports

/// One connection of libpq, never blocking inside it, for one thread at a time.
///
/// Every wait is `poll` on the socket with a deadline: connecting, a statement and a batch may take
/// `patience` each. (libpq asks the resolver for a host's name itself, under the system's own time
/// limit.) A statement that ran out of it, or a broken line, leaves the connection broken: its
/// outcome is unknown, and the owner connects anew and asks for the applied number. Nothing is
/// repeated here.
final class PostgresConnection: TableSource {
    typealias Binder = PostgresBinder
    typealias Row = PostgresRow

    let place: String
    private let handle: PostgresHandle
    private let patience: Int64
    private let clock = HostClock()
    private(set) var isBroken = false
    var raw: OpaquePointer { handle.raw }

    /// - Parameter readsOnly: The server refuses writes then.
    init(_ settings: PostgresSettings, readsOnly: Bool = false) throws(StoreError) {
        place = settings.place
        // The server gives up first: its words say more than a silent line.
        patience = settings.patience.nanoseconds + 500_000_000
        handle = try Self.connect(settings, by: HostClock().monotonic() + patience)
        PQsetnonblocking(handle.raw, 1)
        PQsetErrorVerbosity(handle.raw, PQERRORS_DEFAULT)
        PQsetNoticeProcessor(handle.raw, { _, _ in }, nil)
        var encoding = ""
        try forEach("SELECT current_setting('server_encoding')", doing: "connect") { _ in
        } _: { (row) throws(StoreError) in
            encoding = row.text()
        }
        guard encoding == "UTF8" else {
            throw StoreError(
                .corrupt, "the database is encoded in \(encoding), not UTF8", at: place,
                advice: "make one for madang: createdb -E UTF8 -T template0 -O USER DATABASE")
        }
        if readsOnly {
            try execute("SET default_transaction_read_only = on", doing: "connect")
        }
    }

    private static func connect(
        _ settings: PostgresSettings, by deadline: Int64
    ) throws(StoreError) -> PostgresHandle {
        let milliseconds = max(1, settings.patience.nanoseconds / 1_000_000)
        var words: [(String, String)] = [
            ("host", settings.host), ("port", "\(settings.port)"),
            ("dbname", settings.database), ("user", settings.user),
            ("sslmode", settings.encryption.rawValue), ("application_name", "madang"),
            ("client_encoding", "UTF8"), ("keepalives_idle", "10"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"),
            (
                "options",
                "-c search_path=\(settings.schema) -c statement_timeout=\(milliseconds)"
                    + " -c lock_timeout=\(milliseconds) -c idle_in_transaction_session_timeout=60000"
            ),
        ]
        if let authorities = settings.authorities { words.append(("sslrootcert", authorities)) }
        func start() -> OpaquePointer? {
            guard let password = settings.password else { return begin(words) }
            return password.withText { begin(words + [("password", $0)]) }
        }
        guard let raw = start() else {
            throw StoreError(.io, "cannot connect: no memory", at: settings.place)
        }
        let handle = PostgresHandle(owning: raw)
        // The only way to the state of a refusal before there is a result.
        PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
        var next = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED else {
                throw StoreError(connection: raw, doing: "connect", at: settings.place)
            }
            let events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard wait(for: Int16(events), on: PQsocket(raw), until: deadline) != 0 else {
                throw StoreError(
                    .io, "cannot connect: no answer within \(settings.patience)",
                    at: settings.place,
                    advice: "is the server up, and store: postgres: host and port right?")
            }
            next = PQconnectPoll(raw)
        }
        return handle
    }

    private static func begin(_ words: [(String, String)]) -> OpaquePointer? {
        let names = words.map { strdup($0.0) }
        let values = words.map { strdup($0.1) }
        defer {
            names.forEach { free($0) }
            for value in values {
                if let value { explicit_bzero(value, strlen(value)) }
                free(value)
            }
        }
        let namePointers = names.map { UnsafePointer($0) } + [nil]
        let valuePointers = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(namePointers, valuePointers, 0)
    }

    /// - Returns: What is possible now; 0 at the deadline.
    private static func wait(for events: Int16, on socket: Int32, until deadline: Int64) -> Int16 {
        let clock = HostClock()
        while true {
            let left = deadline - clock.monotonic()
            guard left > 0 else { return 0 }
            var entry = pollfd(fd: socket, events: events, revents: 0)
            let count = poll(&entry, 1, Int32(clamping: left / 1_000_000 + 1))
            if count > 0 { return entry.revents }
            guard count == 0 || errno == EINTR else { return Int16(POLLERR) }
        }
    }

    // MARK: Statements

    /// Runs statements without parameters, several behind each other as one transaction.
    func execute(_ sql: String, doing what: String) throws(StoreError) {
        guard PQsendQuery(raw, sql) == 1 else { throw broken(what) }
        try finish(what) { (_) throws(StoreError) in }
    }

    func forEach(
        _ sql: String, doing what: String, _ bind: (inout PostgresBinder) -> Void,
        _ body: (inout PostgresRow) throws(StoreError) -> Void
    ) throws(StoreError) {
        var binder = PostgresBinder()
        bind(&binder)
        let numbered = Self.numbered(sql)
        let sent = binder.withValues { count, values in
            PQsendQueryParams(raw, numbered, count, nil, values, nil, nil, 0)
        }
        guard sent == 1 else { throw broken(what) }
        // Rows come one by one: memory stays bounded whatever the table's length.
        PQsetSingleRowMode(raw)
        try finish(what) { (result) throws(StoreError) in
            for number in 0..<PQntuples(result) {
                var row = PostgresRow(result, row: number)
                try body(&row)
                guard let bad = row.bad else { continue }
                throw StoreError(
                    .corrupt, "cannot \(what): column \(bad) holds no value of its kind",
                    at: place, advice: "rebuild the tables from the log: madang store rebuild")
            }
        }
    }

    /// Prepares once, for many uses.
    func prepare(_ name: String, _ sql: String, doing what: String) throws(StoreError) {
        guard PQsendPrepare(raw, name, Self.numbered(sql), 0, nil) == 1 else { throw broken(what) }
        try finish(what) { (_) throws(StoreError) in }
    }

    /// Reads results to the end, the rest even behind an error: the line is clean for the next.
    private func finish(
        _ what: String, _ body: (OpaquePointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        let deadline = clock.monotonic() + patience
        try flush(until: deadline, what)
        var failure: StoreError?
        while let result = try nextResult(until: deadline, what) {
            if result.isError {
                failure = failure ?? StoreError(result, doing: what, at: place)
            } else if failure == nil {
                do throws(StoreError) { try body(result.raw) } catch { failure = error }
            }
        }
        if PQstatus(raw) == CONNECTION_BAD { isBroken = true }
        if let failure { throw failure }
    }

    // MARK: The line

    /// Sends what is waiting and takes in what comes meanwhile: neither side's buffer can stop both.
    func flush(until deadline: Int64, _ what: String) throws(StoreError) {
        while true {
            let rest = PQflush(raw)
            if rest == 0 { return }
            guard rest == 1 else { throw broken(what) }
            let ready = Self.wait(for: Int16(POLLIN | POLLOUT), on: PQsocket(raw), until: deadline)
            guard ready != 0 else { throw late(what) }
            if ready & Int16(POLLIN) != 0, PQconsumeInput(raw) == 0 { throw broken(what) }
        }
    }

    /// - Returns: `nil` between two statements, or at the end.
    func nextResult(until deadline: Int64, _ what: String) throws(StoreError) -> PostgresResult? {
        while PQisBusy(raw) == 1 {
            guard Self.wait(for: Int16(POLLIN), on: PQsocket(raw), until: deadline) != 0 else {
                throw late(what)
            }
            guard PQconsumeInput(raw) == 1 else { throw broken(what) }
        }
        return PQgetResult(raw).map { PostgresResult(owning: $0) }
    }

    /// Whatever is open on it is not gone on with.
    func abandon() { isBroken = true }

    var deadline: Int64 { clock.monotonic() + patience }

    func broken(_ what: String) -> StoreError {
        isBroken = true
        return StoreError(connection: raw, doing: what, at: place)
    }

    private func late(_ what: String) -> StoreError {
        isBroken = true
        return StoreError(
            .io, "cannot \(what): no answer within \(patience / 1_000_000) ms", at: place,
            advice: "look at the server's load and the network, or raise store: postgres: patience")
    }

    /// `?` becomes `$1`, `$2`, …: no text of ours holds one.
    static func numbered(_ sql: String) -> String {
        var number = 0
        var text = ""
        for character in sql {
            guard character == "?" else {
                text.append(character)
                continue
            }
            number += 1
            text += "$\(number)"
        }
        return text
    }
}

extension Duration {
    /// At most a day.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(seconds, 86_400) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
