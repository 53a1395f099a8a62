import Foundation
import Testing

/// The images are built where no test runs: what they lack would be noticed by a user.
@Suite struct ImageTests {
    /// SwiftPM wants every folder that the manifest names, whatever is built.
    @Test func theBuildHasEveryFolderOfTheManifest() throws {
        let manifest = try Tree.text("Package.swift")
        let named = Set(
            manifest.matches(of: /path: "(\w+)\//).map { String($0.1) } + ["Sources", "Tests"])
        #expect(named.contains("Benchmarks"))
        let copied = try Tree.text("Dockerfile").matches(of: /\nCOPY (\w+) \w+/)
            .map { String($0.1) }
        for folder in named { #expect(copied.contains(folder), "COPY \(folder)") }
    }

    /// Each library that the build links is in the host's image, under the name of its run time.
    @Test func theHostsImageHasTheLibrariesOfTheBuild() throws {
        let runTime = [
            "libgrpc-dev": "libgrpc29", "libpq-dev": "libpq5", "libsqlite3-dev": "libsqlite3-0",
            "libssl-dev": "libssl3",
            "libyaml-dev": "libyaml-0-2", "zlib1g-dev": "zlib1g",
            "libcurl4-openssl-dev": "libcurl4", "libmicrohttpd-dev": "libmicrohttpd12",
            "libwebsockets-dev": "libwebsockets17",
        ]
        let image =
            try Tree.text("Dockerfile")
            .matches(of: /(?s)FROM debian:bookworm-slim AS host(.*?)ENTRYPOINT/).first?.1 ?? ""
        let packages = try Tree.text("Tools/packages").matches(of: /\nbuild +(\S+)/)
            .map { String($0.1) }
        #expect(packages.count >= 5)
        for package in packages {
            let name = try #require(runTime[package], "\(package): what is it at run time?")
            #expect(image.contains(" \(name)"), "\(package) at run time: \(name)")
        }
    }
}
