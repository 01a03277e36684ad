"""USITC DataWeb (United States International Trade Commission): US imports by heading, country and year since 1993."""
