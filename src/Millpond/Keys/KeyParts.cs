using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Millpond.Keys;

/// <summary>Finds the part for a type by reflection, once, when a keyspace is built.</summary>
internal static class KeyParts
{
    /// <summary>How deep records may nest in a key; a limit, where the type system has none.</summary>
    private const int DepthMax = 8;

    private static readonly Type[] Integers =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(nint),
        typeof(nuint), typeof(Int128), typeof(UInt128),
    ];

    /// <summary>The part for a key type; MP1103 if there is none.</summary>
    public static KeyPart<TKey> Of<TKey>(string? keyspace) =>
        (KeyPart<TKey>)(Find(typeof(TKey), 0, out var why) ?? throw KeyErrors.NoText(typeof(TKey), why, keyspace));

    private static object? Find(Type type, int depth, out string why)
    {
        why = "";
        if (Leaf(type) is { } leaf)
        {
            return leaf;
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            why = "a nullable of several parts is ambiguous";
            return Leaf(inner) is { } part ? Create(typeof(NullablePart<>), [inner], part) : null;
        }

        if (type.IsValueType && type.IsAssignableTo(typeof(ITuple)))
        {
            return Composite(type, type.GetFields(BindingFlags.Public | BindingFlags.Instance), depth, out why);
        }

        return PositionalProperties(type, out why) is { } properties ? Composite(type, properties, depth, out why) : null;
    }

    private static object? Leaf(Type type)
    {
        if (type.IsEnum)
        {
            var number = type.GetEnumUnderlyingType();
            return Create(typeof(EnumPart<,>), [type, number], Leaf(number)!);
        }

        return type switch
        {
            _ when type == typeof(string) => new StringPart(),
            _ when type == typeof(char) => new CharPart(),
            _ when type == typeof(bool) => new BooleanPart(),
            _ when type == typeof(Guid) => new FormattedPart<Guid>("D"),
            _ when type == typeof(DateOnly) => new FormattedPart<DateOnly>("O"),
            _ when Array.IndexOf(Integers, type) >= 0 => Create(typeof(FormattedPart<>), [type], "D"),
            _ => null,
        };
    }

    private static object? Composite(Type type, IReadOnlyList<MemberInfo> members, int depth, out string why)
    {
        why = members.Count == 0 ? "it has no parts" : $"its parts nest deeper than {DepthMax}";
        if (members.Count == 0 || depth == DepthMax)
        {
            return null;
        }

        if (CompositeReaders.ConstructorOf(type, members) is not { } constructor)
        {
            why = "it has no public constructor that takes its parts in their order";
            return null;
        }

        var parts = new object[members.Count];
        var fields = Array.CreateInstance(typeof(FieldPart<>).MakeGenericType(type), members.Count);
        for (var i = 0; i < members.Count; i++)
        {
            var fieldType = CompositeReaders.TypeOf(members[i]);
            if (Find(fieldType, depth + 1, out var whyNot) is not { } part)
            {
                why = $"its part {members[i].Name} is of type {fieldType.Name}" + (whyNot.Length > 0 ? $", and {whyNot}" : "");
                return null;
            }

            parts[i] = part;
            fields.SetValue(Create(typeof(FieldPart<,>), [type, fieldType], Reader(type, members[i]), part), i);
        }

        return Create(typeof(CompositePart<>), [type], fields, CompositeReaders.Compile(constructor, parts));
    }

    /// <summary>
    /// The positional properties of a record struct that is nothing but them. A field besides them would be left out of the text, and an
    /// Equals of its own could call two keys equal whose texts differ: then an invalidation of the one would miss the other.
    /// </summary>
    private static PropertyInfo[]? PositionalProperties(Type type, out string why)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        why = "it is not one of the types that have one by themselves";
        if (!type.IsValueType || type.GetMethod("PrintMembers", Declared) is null || type.GetMethod("Deconstruct") is not { } deconstruct)
        {
            return null;
        }

        var properties = deconstruct.GetParameters().Select(p => type.GetProperty(p.Name!)).OfType<PropertyInfo>().ToArray();
        if (properties.Length != type.GetFields(Declared).Length)
        {
            why = "it has state besides its positional properties";
            return null;
        }

        var equals = type.GetMethod("Equals", [type]);
        why = "it has an Equals of its own";
        return equals?.IsDefined(typeof(CompilerGeneratedAttribute)) is true ? properties : null;
    }

    private static Delegate Reader(Type type, MemberInfo member)
    {
        var key = Expression.Parameter(type);
        return Expression.Lambda(Expression.MakeMemberAccess(key, member), key).Compile();
    }

    private static object Create(Type generic, Type[] arguments, params object[] values) =>
        Activator.CreateInstance(generic.MakeGenericType(arguments), values)!;
}
