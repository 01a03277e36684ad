"""International Energy Agency: mining, refining and demand of magnet rare earths, with projections."""
