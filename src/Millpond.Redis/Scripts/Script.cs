using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Millpond.Redis.Scripts;

/// <summary>
/// One operation of the contract as a script: a step that the engine makes whole. Its text differs for every life of a server, and so does its digest: a script's cache does not outlive
/// its server, so a call that was meant for another life finds no script instead of a lease that a snapshot brought back.
/// </summary>
internal sealed class Script
{
    private static readonly string Common = ReadText("common");

    private readonly string _body;
    private readonly bool _isPlain;
    private readonly bool _frees;
    private readonly ConcurrentDictionary<(ulong Life, string Publish, bool Flags), ScriptText> _texts = new();

    private Script(string name, bool isPlain = false, bool frees = false) => (Name, _body, _isPlain, _frees) = ($"EVALSHA {name}", ReadText(name), isPlain, frees);

    public static Script Read { get; } = new("read");

    public static Script Acquire { get; } = new("acquire");

    public static Script Fill { get; } = new("fill");

    public static Script Put { get; } = new("put");

    public static Script Release { get; } = new("release", frees: true);

    public static Script Change { get; } = new("change", frees: true);

    public static Script Control { get; } = new("control", frees: true);

    public static Script Count { get; } = new("count", isPlain: true);

    /// <summary>What it is called in messages and metrics.</summary>
    public string Name { get; }

    /// <param name="life">The life of the server that it is for.</param>
    /// <param name="publish">The command that tells those who listen.</param>
    /// <param name="flags">Whether the server reads flags (Redis 7, Valkey). What ends leases and values is let run there when the memory is full: a change that could not be made would leave
    /// everybody with what it changed.</param>
    public ScriptText TextFor(ulong life, string publish, bool flags) =>
        _isPlain ? _texts.GetOrAdd((0, "", false), static (_, script) => new ScriptText(script._body), this)
        : _texts.GetOrAdd(
            (life, publish, flags && _frees), static (key, script) => new ScriptText((key.Flags ? "#!lua flags=allow-oom\n" : "") + script.Compose(key.Life, key.Publish)), this);

    private string Compose(ulong life, string publish)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(bytes, life);
        var escaped = new StringBuilder();
        foreach (var one in bytes)
        {
            escaped.Append('\\').Append($"{one:000}");
        }

        return Common.Replace("@LIFE@", escaped.ToString(), StringComparison.Ordinal).Replace("@PUBLISH@", publish, StringComparison.Ordinal) + "\n" + _body;
    }

    private static string ReadText(string name)
    {
        using var stream = typeof(Script).Assembly.GetManifestResourceStream($"{name}.lua") ?? throw new InvalidOperationException($"The script {name} is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

/// <summary>A script's text for one life, and the name by which a server calls it.</summary>
internal sealed class ScriptText(string text)
{
    public string Text => text;

#pragma warning disable CA5350 // It is how the engines name scripts, not what anything's safety rests on.
    public byte[] Digest { get; } = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text))));
#pragma warning restore CA5350
}
