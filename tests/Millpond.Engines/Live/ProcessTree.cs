using System.Diagnostics;
using System.Globalization;

namespace Millpond.Engines.Live;

/// <summary>A process and those that it started, frozen and let go together, as a machine is whose power is not gone and which does nothing.</summary>
internal static class ProcessTree
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    /// <summary>Returns when none of them runs any more. The first is stopped before it is asked whom it started, so nobody is born unseen.</summary>
    public static async Task FreezeAsync(int root)
    {
        await SignalAsync("STOP", [root]);
        while (Of(root).Where(one => one.Runs).Select(one => one.Id).ToArray() is { Length: > 0 } running)
        {
            await SignalAsync("STOP", running);
            await Task.Delay(Look);
        }
    }

    /// <summary>Those that were started first, then who started them: nobody is missed by a parent that is awake already.</summary>
    public static Task ThawAsync(int root) => SignalAsync("CONT", Of(root).Select(one => one.Id).Reverse());

    /// <summary>The process, and whom it started, and whom these started, in this order.</summary>
    private static List<(int Id, bool Runs)> Of(int root)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Read).OfType<(int Id, int Parent, bool Runs)>().ToArray();
        List<(int Id, bool Runs)> found = [.. all.Where(one => one.Id == root).Select(one => (one.Id, one.Runs))];
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(all.Where(one => one.Parent == found[i].Id).Select(one => (one.Id, one.Runs)));
        }

        return found;
    }

    /// <summary>What /proc/PID/stat says: id, name in brackets, state, parent; null for what is no process, or is none any more.</summary>
    private static (int Id, int Parent, bool Runs)? Read(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var rest = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (id, int.Parse(rest[1], CultureInfo.InvariantCulture), rest[0] is not ("T" or "Z" or "X"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task SignalAsync(string signal, IEnumerable<int> ids)
    {
        using var kill = Process.Start("kill", ["-" + signal, .. ids.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync();
    }
}
