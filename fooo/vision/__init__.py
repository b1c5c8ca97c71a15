"""Networks that look at pictures or enlarge them: pictures in; pictures, masks or boxes out."""
