using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Catalog.Data;

/// <summary>
/// Fetches the package that carries the data set with Debian's own client, which verifies the archive's signature, and opens it.
/// </summary>
internal static class DebianPackage
{
    public const string Name = "mame-data";

    /// <summary>What Debian 12 carries, and will: a stable release does not change. Other releases carry other versions.</summary>
    public const string PinnedVersion = "0.251+dfsg.1-1";

    private const string Client = "apt-get";

    private const string PinnedSha256 = "32de0cfe427b0d183b689b16afed8aad0e7afaf49f3a818ca2c676ca0d92f811";

    /// <summary>The package's file in a folder, or null.</summary>
    public static string? Find(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Name + "_*.deb").Order(StringComparer.Ordinal).LastOrDefault() : null;

    /// <summary>Downloads the pinned version or, where the distribution has another, that one. Returns the file's path.</summary>
    /// <exception cref="DataSetException">There is no such client, no network, or no such package.</exception>
    public static string Download(string folder, TextWriter log)
    {
        string staging = Path.Combine(folder, "download");
        string lists = Path.Combine(folder, "apt");
        Directory.CreateDirectory(staging);
        string pinned = $"{Name}={PinnedVersion}";
        string? error = Run(staging, Client, ["download", "-q", pinned]);
        if (error is not null && error != Missing(Client))
        {
            log.WriteLine("  the package lists of this machine do not have it; fetching fresh ones (about 9 MB)");
            string[] own = PrivateLists(lists);
            error = Run(staging, Client, [.. own, "update", "-q"]);
            if (error is null && Run(staging, Client, [.. own, "download", "-q", pinned]) is not null)
            {
                error = Run(staging, Client, [.. own, "download", "-q", Name]);
            }
        }

        string file = Find(staging) ?? throw new DataSetException(Advice(folder, error ?? "the client finished but left no file"));
        Verify(file);
        string final = Path.Combine(folder, Path.GetFileName(file));
        File.Move(file, final, overwrite: true);
        Directory.Delete(staging, recursive: true);
        if (Directory.Exists(lists))
        {
            Directory.Delete(lists, recursive: true);
        }

        return final;
    }

    private static string Missing(string program) => $"{program} is not on this machine";

    /// <summary>Streams the package's file system as a tar archive into <paramref name="read"/>.</summary>
    public static T Open<T>(string package, Func<Stream, T> read)
    {
        try
        {
            using Process process = Start(Path.GetDirectoryName(package)!, "dpkg-deb", ["--fsys-tarfile", package]);
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            T result = read(process.StandardOutput.BaseStream);
            process.StandardOutput.BaseStream.CopyTo(Stream.Null);
            process.WaitForExit();
            return process.ExitCode == 0
                ? result
                : throw new DataSetException($"dpkg-deb could not read {package} (exit code {process.ExitCode}). Delete the file and start again.");
        }
        catch (Win32Exception missing)
        {
            throw new DataSetException(
                $"{package} is there but dpkg-deb, which opens it, is not on this machine. Unpack it elsewhere and put the XML files of "
                + $"usr/share/games/mame/hash into {Path.Combine(Path.GetDirectoryName(package)!, "lists")}.", missing);
        }
    }

    /// <summary>A private copy of the package lists: needs no root, and leaves the machine's own as they are.</summary>
    private static string[] PrivateLists(string folder)
    {
        string state = Path.Combine(folder, "lists");
        string cache = Path.Combine(folder, "cache");
        Directory.CreateDirectory(Path.Combine(state, "partial"));
        Directory.CreateDirectory(Path.Combine(cache, "archives", "partial"));
        return ["-o", $"Dir::State::Lists={state}", "-o", $"Dir::Cache={cache}", "-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=1"];
    }

    /// <summary>Runs to the end; returns null if it went well, else the last line it wrote to its error output.</summary>
    private static string? Run(string folder, string program, string[] arguments)
    {
        try
        {
            using Process process = Start(folder, program, arguments);
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string errors = process.StandardError.ReadToEnd();
            output.Wait();
            process.WaitForExit();
            return process.ExitCode == 0
                ? null
                : errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"{program} ended with {process.ExitCode}";
        }
        catch (Win32Exception)
        {
            return Missing(program);
        }
    }

    private static Process Start(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start) ?? throw new DataSetException($"{program} did not start.");
    }

    /// <summary>The client has checked the archive's signature already; this pins the very bytes that the tests were written for.</summary>
    private static void Verify(string file)
    {
        if (!Path.GetFileName(file).Contains(Uri.EscapeDataString(PinnedVersion), StringComparison.OrdinalIgnoreCase)
            && !Path.GetFileName(file).Contains(PinnedVersion, StringComparison.Ordinal))
        {
            return;
        }

        using FileStream stream = File.OpenRead(file);
        string actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (actual != PinnedSha256)
        {
            throw new DataSetException($"{file} has the SHA-256 {actual}, not {PinnedSha256}. Delete it and start again.");
        }
    }

    private static string Advice(string folder, string reason) =>
        $"""
        The catalogue's data set is not here and could not be fetched: {reason}.
        It is Debian's package {Name} {PinnedVersion} (16 MB). Either
          - run this where apt-get works, online, or
          - put the file {Name}_{PinnedVersion}_all.deb into {folder}, or
          - put the XML files of any MAME release's folder "hash" into {Path.Combine(folder, "lists")},
        and start again.
        """;
}
