namespace Millpond.Shared;

/// <summary>The second byte of <see cref="RecordFormat"/>.</summary>
[Flags]
internal enum RecordFlags
{
    Value = 1,
    Negative = 2,
    Stale = 4,
    WriteLease = 8,
    SourceVersion = 16,
    All = Value | Negative | Stale | WriteLease | SourceVersion,
}

/// <summary>As <c>Enum.HasFlag</c>, never with an object for the asking.</summary>
internal static class RecordFlagsExtensions
{
    public static bool Has(this RecordFlags flags, RecordFlags wanted) => (flags & wanted) == wanted;
}
