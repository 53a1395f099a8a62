import Foundation
import Synchronization

/// A PostgreSQL server of this process's own, in a folder that goes with it.
///
/// One for all tests of a process: it is made at the first use (some seconds) and ends with the
/// process, however that ends: a shell holds it, and stops it when its standard input closes. It
/// runs as a user without privileges, for the server refuses root. `fsync` is off: tests kill the
/// server, never the machine.
package final class PostgresServer: Sendable {
    package static let shared = Result { try PostgresServer() }
    /// Of the role `madang`, over TCP; the socket trusts everybody.
    package static let password = "not-a-real-password"

    /// Also the socket's folder.
    package let folder: String
    package let port: Int
    private let shell: Mutex<Shell>
    private let schemas = Atomic<Int>(0)
    private let isUp = Atomic<Bool>(false)

    package struct Trouble: Error, CustomStringConvertible {
        package let description: String
    }

    private struct Shell {
        let process: Process
        let orders: FileHandle
        let answers: FileHandle
    }

    private static let count = Atomic<Int>(0)

    /// For a test that kills it; everybody else uses ``shared``.
    package init() throws {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        folder = "/tmp/madang-postgres-\(getpid())-\(number)"
        port = try Self.freePort()
        let (orders, answers) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", folder, "\(port)", Self.password]
        process.standardInput = orders
        process.standardOutput = answers
        process.standardError = answers
        try process.run()
        shell = Mutex(
            Shell(
                process: process, orders: orders.fileHandleForWriting,
                answers: answers.fileHandleForReading))
        try start()
        try sql("CREATE ROLE madang LOGIN PASSWORD '\(Self.password)'")
        try sql("CREATE DATABASE madang OWNER madang")
    }

    /// As somebody who pulls the plug: `SIGKILL`, and nothing of it is left when this returns.
    package func kill() throws {
        try order("kill")
        isUp.store(false, ordering: .releasing)
    }
    /// Returns when it takes connections; at once where it does.
    package func start() throws {
        guard !isUp.load(ordering: .acquiring) else { return }
        try order("start")
        isUp.store(true, ordering: .releasing)
    }

    /// A schema's name that no other test has.
    package func newSchema() -> String {
        "test_\(schemas.add(1, ordering: .relaxed).newValue)"
    }

    /// Runs statements with all rights.
    ///
    /// - Returns: The rows, columns parted by `|`.
    @discardableResult
    package func sql(_ text: String, in database: String = "postgres") throws -> [String] {
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", "\(port)",
            "-U", "postgres", "-d", database, "-c", text,
        ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Trouble(description: text) }
        return text.split(separator: "\n").map(String.init)
    }

    private func order(_ word: String) throws {
        try shell.withLock { shell in
            shell.orders.write(Data((word + "\n").utf8))
            var said = ""
            while !said.hasSuffix("done\n") {
                let data = shell.answers.availableData
                said += String(decoding: data, as: UTF8.self)
                guard !data.isEmpty, !said.hasSuffix("failed\n") else {
                    throw Trouble(description: "the PostgreSQL server does not \(word): \(said)")
                }
            }
        }
    }

    private static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isGood = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard isGood else { throw Trouble(description: "there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static let script = """
        PATH="$PATH:/usr/lib/postgresql/15/bin"; cd /
        if [ "$(id -u)" = 0 ]; then
            install -d -m 755 -o postgres "$1" || { echo failed; exit 1; }
            as() { setpriv --reuid=postgres --regid=postgres --clear-groups env "PATH=$PATH" "$@"; }
        else
            mkdir -m 755 "$1" || { echo failed; exit 1; }
            as() { "$@"; }
        fi
        data=$1/data
        echo "$3" | as sh -c "umask 077; cat > $1/password"
        as initdb -D "$data" -U postgres --no-sync -E UTF8 --locale=C.UTF-8 --auth-local=trust \
            --auth-host=scram-sha-256 --pwfile="$1/password" >/dev/null || { echo failed; exit 1; }
        while read -r word; do
            case $word in
            start)
                tries=0
                until as pg_ctl -w -s -D "$data" -l "$1/log" -o "-c listen_addresses=127.0.0.1 \
                    -c port=$2 -c unix_socket_directories=$1 -c fsync=off \
                    -c max_connections=60" start </dev/null >/dev/null 2>&1
                do
                    tries=$((tries + 1))
                    [ $tries -lt 60 ] || { tail -n 5 "$1/log"; echo failed; exit 1; }
                    sleep 0.1
                done ;;
            kill)
                pid=$(head -n 1 "$data/postmaster.pid")
                kill -9 "$pid"
                while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done ;;
            esac
            echo done
        done
        as pg_ctl -s -m immediate -D "$data" stop >/dev/null 2>&1
        rm -rf "$1"
        """
}
