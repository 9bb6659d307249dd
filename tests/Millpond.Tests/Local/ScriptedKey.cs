namespace Millpond.Tests.Local;

/// <summary>A key whose comparison runs a script: readers compare keys at known points, without the lock, and so anything can be made to happen there.</summary>
internal sealed class ScriptedKey(int number)
{
    [ThreadStatic]
    private static int t_wait;

    [ThreadStatic]
    private static Action? t_script;

    public int Number => number;

    /// <summary>Runs a script at one of the comparisons that follow, the first being 1.</summary>
    public static void At(int comparison, Action script) => (t_wait, t_script) = (comparison, script);

    /// <summary>Whether the script has yet to run; it is forgotten.</summary>
    public static bool Forget() => (t_script, t_script = null).Item1 is not null;

    public override int GetHashCode() => number;

    public override bool Equals(object? obj)
    {
        if (t_script is { } script && --t_wait == 0)
        {
            t_script = null;
            script();
        }

        return obj is ScriptedKey other && other.Number == number;
    }
}
